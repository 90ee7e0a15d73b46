package io.koshi.outbox.internal;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How fast replies go out; immutable.
 *
 * @param firstWait before the second try; doubles with each
 * @param longestWait the most it grows to
 * @param sendLimit how long a channel may take over one reply
 * @param oldPerSecond replies a second and channel of those that waited from before a start, so that a
 *     start does not flood a platform
 * @param parallel replies a channel sends at once, of different conversations
 */
record Pace(Duration firstWait, Duration longestWait, Duration sendLimit, int oldPerSecond, int parallel) {
    static final Pace USUAL = new Pace(Duration.ofSeconds(1), Duration.ofMinutes(5), Duration.ofSeconds(30), 20, 8);

    /** How long to wait after a number of failed tries: doubling, up to a fifth more or less. */
    Duration waitAfter(int attempts) {
        long base = firstWait.toMillis() << Math.min(Math.max(attempts - 1, 0), 20);
        long capped = Math.min(base, longestWait.toMillis());
        return Duration.ofMillis((long) (capped * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }

    long oldGapMillis() {
        return Math.max(1, 1000 / oldPerSecond);
    }
}
