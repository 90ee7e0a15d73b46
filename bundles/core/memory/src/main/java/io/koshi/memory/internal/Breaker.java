package io.koshi.memory.internal;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Keeps from asking a service that has just failed. Thread-safe. */
final class Breaker {
    private final Duration pause;
    private final LongSupplier nanos;
    private volatile long closedFrom;
    private volatile boolean failed;

    Breaker(Duration pause, LongSupplier nanos) {
        this.pause = pause;
        this.nanos = nanos;
    }

    boolean mayAsk() {
        return !failed || nanos.getAsLong() - closedFrom >= 0;
    }

    void failed() {
        closedFrom = nanos.getAsLong() + pause.toNanos();
        failed = true;
    }

    void worked() {
        failed = false;
    }
}
