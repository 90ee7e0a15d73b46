package io.koshi.memory.internal;

import io.koshi.cron.Times;
import java.time.Instant;
import java.time.ZoneId;

/** Tells whether a time has passed since the last look; those that were slept through count once. Thread-safe. */
final class PruneClock {
    private Instant looked;

    PruneClock(Instant now) {
        this.looked = now;
    }

    /** However many have passed, it is due once; a clock that was put back makes nothing due by that. */
    synchronized boolean due(Times times, ZoneId zone, Instant now) {
        boolean due = times.next(zone, looked).filter(at -> !at.isAfter(now)).isPresent();
        looked = now;
        return due;
    }
}
