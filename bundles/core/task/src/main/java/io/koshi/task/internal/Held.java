package io.koshi.task.internal;

import java.time.Instant;

/** A lease as its end needs it, whether it lived in memory or on disk. */
record Held(Facts facts, long fence, String worker, int attempt, Instant leasedAt) {
    static Held of(Hold hold) {
        return new Held(hold.facts(), hold.fence(), hold.worker(), hold.attempt(), hold.leasedAt());
    }
}
