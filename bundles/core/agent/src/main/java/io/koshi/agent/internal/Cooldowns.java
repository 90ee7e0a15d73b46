package io.koshi.agent.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Which models are left alone for a while because they failed: a minute, twice as long each time they fail again, at most
 * a quarter of an hour, or as long as their service asked. Forgotten with the process. Thread-safe.
 */
final class Cooldowns {
    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final int MOST_DOUBLINGS = 4;

    /** What says something of the model and not of what it was asked. */
    private static final Set<ErrorCode> ITS_OWN = Set.of(
            ErrorCode.OVERLOADED,
            ErrorCode.TIMEOUT,
            ErrorCode.SERVICE_UNAVAILABLE,
            ErrorCode.UNAUTHORIZED,
            ErrorCode.FORBIDDEN,
            ErrorCode.NOT_FOUND,
            ErrorCode.INTERNAL);

    private record Rest(long untilNanos, int failures) {}

    private final Map<String, Rest> resting = new ConcurrentHashMap<>();
    private final LongSupplier nanos;

    /** @param nanos a clock that never jumps */
    Cooldowns(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void failed(String model, KoshiException why) {
        if (ITS_OWN.contains(why.code())) {
            resting.compute(model, (name, before) -> {
                int failures = before == null ? 1 : before.failures() + 1;
                Duration pause = FIRST.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
                Duration asked = why.retryAfter().orElse(Duration.ZERO);
                pause = pause.compareTo(asked) >= 0 ? pause : asked;
                pause = pause.compareTo(LONGEST) <= 0 ? pause : LONGEST;
                return new Rest(nanos.getAsLong() + pause.toNanos(), failures);
            });
        }
    }

    void served(String model) {
        resting.remove(model);
    }

    boolean rests(String model) {
        Optional<Rest> rest = Optional.ofNullable(resting.get(model));
        return rest.isPresent() && rest.get().untilNanos() - nanos.getAsLong() > 0;
    }
}
