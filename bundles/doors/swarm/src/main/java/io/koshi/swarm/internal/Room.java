package io.koshi.swarm.internal;

import java.util.concurrent.atomic.AtomicLong;

/** Memory for long lines, that all clients share, so that many of them together do not fill the heap. Thread-safe. */
final class Room {
    private final AtomicLong left;

    /** @param bytes for all together */
    Room(long bytes) {
        this.left = new AtomicLong(bytes);
    }

    /** Takes some; false when there is not so much. */
    boolean take(long bytes) {
        long now = left.addAndGet(-bytes);
        if (now < 0) {
            left.addAndGet(bytes);
        }
        return now >= 0;
    }

    /** Gives it back. */
    void give(long bytes) {
        left.addAndGet(bytes);
    }
}
