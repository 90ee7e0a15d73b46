package io.koshi.memory.internal;

import io.koshi.config.Config.SleepBlock;
import io.koshi.config.Config.SleepMode;
import java.time.Duration;
import java.time.LocalDateTime;

/** Tells when it is time to sleep: after so many turns, or so many minutes. Thread-safe. */
final class SleepClock {
    private int turns;
    private LocalDateTime sleptAt;

    SleepClock(LocalDateTime now) {
        this.sleptAt = now;
    }

    /** A turn has ended; whether it is time, which begins the count anew. */
    synchronized boolean turn(SleepBlock config, LocalDateTime now) {
        turns++;
        return config.mode() != SleepMode.OFF && turns >= config.turns() && slept(now);
    }

    /** Whether it is time now, which begins the count anew; a clock that was put back begins it too. */
    synchronized boolean tick(SleepBlock config, LocalDateTime now) {
        if (now.isBefore(sleptAt)) {
            sleptAt = now;
        }
        boolean enough = Duration.between(sleptAt, now).toMinutes() >= config.minutes();
        boolean mayNow = config.mode() == SleepMode.AUTO || config.mode() == SleepMode.NIGHTLY && night(config, now);
        return enough && mayNow && slept(now);
    }

    private static boolean night(SleepBlock config, LocalDateTime now) {
        int hour = now.getHour();
        return config.nightFrom() <= config.nightTo()
                ? hour >= config.nightFrom() && hour < config.nightTo()
                : hour >= config.nightFrom() || hour < config.nightTo();
    }

    private boolean slept(LocalDateTime now) {
        turns = 0;
        sleptAt = now;
        return true;
    }
}
