package io.koshi.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How long to wait before the next try: doubling from the first to the longest, each a little by chance. */
final class Backoff {
    private final long firstMs;
    private final long longestMs;
    private long nextMs;

    Backoff(Duration first, Duration longest) {
        this.firstMs = Math.max(1, first.toMillis());
        this.longestMs = longest.toMillis();
        this.nextMs = firstMs;
    }

    /** Between half of what is due and all of it, so that a thousand clients do not come back at once. */
    long next() {
        long due = nextMs;
        nextMs = Math.min(longestMs, nextMs * 2);
        return due / 2 + ThreadLocalRandom.current().nextLong(due / 2 + 1);
    }

    void reset() {
        nextMs = firstMs;
    }
}
