package io.koshi.task.internal;

import java.time.Instant;

/**
 * A lease as its end needs it, whether it lived in memory or on disk.
 *
 * @param begun whether the attempt may have a line on disk already
 */
record Held(Facts facts, long fence, String worker, int attempt, Instant leasedAt, boolean begun) {
    /** As it is now; the writer's thread learns so for sure whether the lease was written down before. */
    static Held of(Hold hold) {
        return new Held(
                hold.facts(),
                hold.fence(),
                hold.worker(),
                hold.attempt(),
                hold.leasedAt(),
                hold.recorded().get());
    }
}
