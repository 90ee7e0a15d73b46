package io.koshi.ipc.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a connection still has to write, as one run of bytes. Anyone may add and write; nobody ever waits for the
 * client. Thread-safe.
 */
final class Outlet {
    private static final int HEAD = 4;
    private static final int SMALL = 16 << 10;
    /** Bytes given to the channel at a time: the JDK copies them to a buffer outside the heap that it keeps. */
    private static final int SLICE = 64 << 10;

    private final WritableByteChannel channel;
    private final ReentrantLock lock = new ReentrantLock();
    private byte[] bytes = new byte[SMALL];
    private int from;
    private int to;
    private long progress;
    private boolean closed;

    /** @param channel does not block */
    Outlet(WritableByteChannel channel) {
        this.channel = channel;
    }

    /** Puts a frame behind the others, after its length; does not write it. */
    void add(byte[] frame) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (from == to) {
                progress = System.nanoTime();
            }
            makeRoom(Math.addExact(HEAD, frame.length));
            for (int shift = 24; shift >= 0; shift -= 8) {
                bytes[to++] = (byte) (frame.length >>> shift);
            }
            System.arraycopy(frame, 0, bytes, to, frame.length);
            to += frame.length;
        } finally {
            lock.unlock();
        }
    }

    /** Writes what the channel takes; true when nothing is left. */
    boolean write() throws IOException {
        lock.lock();
        try {
            while (from < to) {
                if (closed) {
                    throw new ClosedChannelException();
                }
                int written = channel.write(ByteBuffer.wrap(bytes, from, Math.min(SLICE, to - from)));
                if (written <= 0) {
                    return false;
                }
                from += written;
                progress = System.nanoTime();
            }
            shrink();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes that wait. */
    int waiting() {
        lock.lock();
        try {
            return to - from;
        } finally {
            lock.unlock();
        }
    }

    /** Milliseconds since the client last took something that was ready for it; 0 when nothing is. */
    long stalledMs() {
        lock.lock();
        try {
            return from == to ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - progress);
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of what was not written. */
    void close() {
        lock.lock();
        try {
            closed = true;
            bytes = new byte[0];
            from = 0;
            to = 0;
        } finally {
            lock.unlock();
        }
    }

    private void makeRoom(int more) {
        if (bytes.length - to >= more) {
            return;
        }
        int waiting = to - from;
        byte[] target = bytes.length - waiting >= more
                ? bytes
                : new byte[Math.max(Math.addExact(waiting, more), Math.min(bytes.length, 1 << 29) * 2)];
        System.arraycopy(bytes, from, target, 0, waiting);
        bytes = target;
        from = 0;
        to = waiting;
    }

    private void shrink() {
        from = 0;
        to = 0;
        if (bytes.length > 4 * SLICE) {
            bytes = Arrays.copyOf(bytes, SMALL);
        }
    }
}
