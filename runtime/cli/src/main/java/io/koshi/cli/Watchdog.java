package io.koshi.cli;

import java.io.Closeable;
import java.io.IOException;

/** Closes something unless it is closed in time itself, since a Unix socket has no time-out. Thread-safe. */
final class Watchdog implements AutoCloseable {
    private final Closeable guarded;
    private final long timeoutMs;
    private boolean called;

    /** @param timeoutMs 0 for never */
    Watchdog(Closeable guarded, long timeoutMs) {
        this.guarded = guarded;
        this.timeoutMs = timeoutMs;
        if (timeoutMs > 0) {
            Thread thread = new Thread(null, this::watch, "watchdog", 64 << 10);
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Override
    public synchronized void close() {
        called = true;
        notifyAll();
    }

    private synchronized void watch() {
        long until = System.nanoTime() + timeoutMs * 1_000_000;
        try {
            for (long left = timeoutMs; !called && left > 0; left = (until - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
            if (!called) {
                guarded.close();
            }
        } catch (InterruptedException | IOException e) {
            called = true;
        }
    }
}
