package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import io.koshi.cron.Times;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** The times of a job; what comes next depends on the zone and the last time and on nothing else. */
sealed interface Schedule extends Times {
    /** The same schedule counted from {@code anchor}, where it counts from anything. */
    default Schedule from(Instant anchor) {
        return this;
    }

    /**
     * Reads {@code 30 7 * * *}, {@code @daily}, {@code every 2h30m}, {@code at 2026-12-01T09:00} or {@code @reboot}.
     *
     * @throws KoshiException INVALID_PARAMS at {@code /schedule} with the column and what would be right
     */
    static Schedule parse(String text) {
        return ScheduleText.parse(text);
    }

    /** Each moment at which the zone's clock agrees with a cron expression. */
    record Calendar(Expression expression) implements Schedule {
        @Override
        public Optional<Instant> next(ZoneId zone, Instant last) {
            return expression.wild()
                    ? WallClock.matching(expression, zone.getRules(), last)
                    : WallClock.fixed(expression, zone.getRules(), last);
        }
    }

    /** A steady rhythm that knows no zones, counted from a moment. */
    record Every(Duration step, Instant anchor) implements Schedule {
        @Override
        public Optional<Instant> next(ZoneId zone, Instant last) {
            long gone = last.getEpochSecond() - anchor.getEpochSecond();
            long passed = Math.floorDiv(gone, step.getSeconds());
            return Optional.of(Instant.ofEpochSecond(anchor.getEpochSecond() + (passed + 1) * step.getSeconds()));
        }

        @Override
        public Schedule from(Instant moment) {
            return new Every(step, Instant.ofEpochSecond(moment.getEpochSecond()));
        }
    }

    /** One moment, by the zone's clock or by an offset of its own. */
    record Once(OnceAt at) implements Schedule {
        @Override
        public Optional<Instant> next(ZoneId zone, Instant last) {
            return Optional.of(at.in(zone)).filter(slot -> slot.isAfter(last));
        }
    }

    /** Each start of the hub, which no clock tells. */
    record Reboot() implements Schedule {
        @Override
        public Optional<Instant> next(ZoneId zone, Instant last) {
            return Optional.empty();
        }
    }
}
