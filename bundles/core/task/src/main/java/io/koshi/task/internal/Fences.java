package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes fencing tokens: the number of this start of the hub in the high bits, a count in the low 32. A token of an
 * earlier start is so always smaller, and all fit a JSON number for two million starts. Thread-safe.
 */
final class Fences {
    private final AtomicLong last = new AtomicLong();

    /** Called once, when this start has its number on disk. */
    void begin(long epoch) {
        last.set(epoch << 32);
    }

    long next() {
        long fence = last.incrementAndGet();
        if (fence >> 32 == 0) {
            throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the task queue is not open yet; try again");
        }
        return fence;
    }
}
