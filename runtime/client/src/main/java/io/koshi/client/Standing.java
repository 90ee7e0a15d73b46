package io.koshi.client;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How a client stands with the hub: without a connection, with one, refused or closed. Thread-safe. */
final class Standing {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by the lock
    private Wire wire;
    private HubException refused;
    private boolean closed;
    private boolean ready;

    boolean connected() {
        lock.lock();
        try {
            return ready;
        } finally {
            lock.unlock();
        }
    }

    HubException refused() {
        lock.lock();
        try {
            return refused;
        } finally {
            lock.unlock();
        }
    }

    void awaitConnected(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lockInterruptibly();
        try {
            while (!ready) {
                if (refused != null) {
                    throw new HubException(refused.code(), refused.getMessage());
                }
                if (closed) {
                    throw new HubException("SERVICE_UNAVAILABLE", "This client is closed.");
                }
                if (left <= 0) {
                    throw new HubException(
                            "SERVICE_UNAVAILABLE", "The hub cannot be reached; is it running? Try 'koshi status'.");
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is to be no further connection. */
    boolean ended() {
        lock.lock();
        try {
            return closed || refused != null;
        } finally {
            lock.unlock();
        }
    }

    /** A connection was made; it is not ready yet. */
    void adopt(Wire now) {
        lock.lock();
        try {
            wire = now;
        } finally {
            lock.unlock();
        }
    }

    /** The hub does not let this client in: that is final. */
    void refuse(HubException why) {
        lock.lock();
        try {
            refused = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The connection is lost. */
    void lose() {
        lock.lock();
        try {
            wire = null;
            ready = false;
        } finally {
            lock.unlock();
        }
    }

    /** The connection may be used by everybody. */
    void ready() {
        lock.lock();
        try {
            ready = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The connection, null where there is none. */
    Wire wire() {
        lock.lock();
        try {
            return wire;
        } finally {
            lock.unlock();
        }
    }

    /** There is to be no further connection; the last one, null where there is none. */
    Wire close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            return wire;
        } finally {
            lock.unlock();
        }
    }

    /** Waits before the next try, unless there is to be none. */
    void pause(long ms) {
        lock.lock();
        try {
            for (long left = TimeUnit.MILLISECONDS.toNanos(ms); left > 0 && !closed && refused == null; ) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
