package io.koshi.agent.internal;

import io.koshi.api.KoshiException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * What follows a failed attempt: the same model again after 1 s and 3 s (8 s where more tries are
 * allowed), each a fifth more or less, then the fallbacks in order, one try each, then nothing.
 */
final class Ladder {
    /** Tries of the first model. */
    static final int TRIES = 3;

    /** A service that wants to be left alone for longer than this is not waited for. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int[] DELAYS = {1, 3, 8};

    private final RandomGenerator random;
    private final Duration unit;

    /** @param unit the first delay, 1 s but for tests */
    Ladder(RandomGenerator random, Duration unit) {
        this.random = random;
        this.unit = unit;
    }

    static Ladder usual() {
        return new Ladder(() -> ThreadLocalRandom.current().nextLong(), Duration.ofSeconds(1));
    }

    /**
     * Another attempt.
     *
     * @param step 0 for the first model, then the fallbacks
     * @param tries of that step's model, this one included
     */
    record Again(int step, int tries, Duration delay) {}

    /** @param fallbacks how many there are; empty when nothing is left to try */
    Optional<Again> after(int step, int tries, int fallbacks, KoshiException failure) {
        Duration asked = failure.retryAfter().orElse(Duration.ZERO);
        if (step == 0 && tries < TRIES && failure.code().retryable() && asked.compareTo(PATIENCE) <= 0) {
            return Optional.of(new Again(0, tries + 1, longer(jittered(tries), asked)));
        }
        return step < fallbacks ? Optional.of(new Again(step + 1, 1, Duration.ZERO)) : Optional.empty();
    }

    private Duration jittered(int tries) {
        long base = unit.toMillis() * DELAYS[Math.min(tries, DELAYS.length) - 1];
        return Duration.ofMillis(base * 4 / 5 + random.nextLong(base * 2 / 5 + 1));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
