package io.koshi.memory.internal;

import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;

/** Tells whether a scheduled minute has passed since the last look; one that was slept through counts. Thread-safe. */
final class PruneClock {
    private static final int MOST_MINUTES = 24 * 60;

    private LocalDateTime looked;

    PruneClock(LocalDateTime now) {
        this.looked = now.truncatedTo(ChronoUnit.MINUTES);
    }

    /** However many have passed, it is due once; a clock that was put back makes nothing due again. */
    synchronized boolean due(Schedule schedule, LocalDateTime time) {
        LocalDateTime now = time.truncatedTo(ChronoUnit.MINUTES);
        LocalDateTime from = looked.isBefore(now.minusMinutes(MOST_MINUTES)) ? now.minusMinutes(MOST_MINUTES) : looked;
        looked = now;
        for (LocalDateTime at = from.plusMinutes(1); !at.isAfter(now); at = at.plusMinutes(1)) {
            if (schedule.due(at)) {
                return true;
            }
        }
        return false;
    }
}
