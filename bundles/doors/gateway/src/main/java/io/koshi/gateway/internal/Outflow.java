package io.koshi.gateway.internal;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a WebSocket still has to send, as one run of bytes: frames that are added while others are written go together.
 * Nobody ever waits for the client, and a connection with nothing to say keeps no buffer. Thread-safe.
 */
final class Outflow {
    private static final int SMALL = 512;
    /** Bytes given to the network at a time: the JDK copies them to a buffer outside the heap that it keeps. */
    private static final int SLICE = 64 << 10;

    private static final byte[] NOTHING = {};

    private final Pipe pipe;
    private final ReentrantLock lock = new ReentrantLock();

    // guarded by the lock
    private byte[] bytes = NOTHING;
    private int from;
    private int to;
    private int slice; // length of what is being written, 0 when nothing is
    private boolean inline; // whether the writer is still inside its call
    private boolean closed;
    private long written;
    private long progress;
    private ArrayDeque<Mark> marks; // null while nobody waits

    /** Somebody who waits until so much was written. */
    private record Mark(long until, CompletableFuture<Void> done) {}

    Outflow(Pipe pipe) {
        this.pipe = pipe;
    }

    /** Puts a message or control frame behind the others (RFC 6455, 5.2; a server does not mask). */
    void add(int opcode, byte[] payload) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            int head = payload.length < 126 ? 2 : payload.length <= 0xFFFF ? 4 : 10;
            makeRoom(Math.addExact(head, payload.length));
            if (from == to) {
                progress = System.nanoTime();
            }
            bytes[to++] = (byte) (0x80 | opcode);
            if (head == 2) {
                bytes[to++] = (byte) payload.length;
            } else {
                bytes[to++] = (byte) (head == 4 ? 126 : 127);
                for (int shift = 8 * (head - 3); shift >= 0; shift -= 8) {
                    bytes[to++] = (byte) ((long) payload.length >>> shift);
                }
            }
            System.arraycopy(payload, 0, bytes, to, payload.length);
            to += payload.length;
        } finally {
            lock.unlock();
        }
    }

    /** Completes when all that was added so far was handed to the network. */
    CompletableFuture<Void> sent() {
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.failedFuture(new ClosedChannelException());
            }
            if (from == to) {
                return CompletableFuture.completedFuture(null);
            }
            Mark mark = new Mark(written + to - from, new CompletableFuture<>());
            if (marks == null) {
                marks = new ArrayDeque<>();
            }
            marks.add(mark);
            return mark.done();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes as far as the network takes it; the rest goes when there is room.
     *
     * @param emptied called when all was written, on whichever thread wrote the last of it
     * @param broken called when the connection is found dead
     */
    void flush(Runnable emptied, Runnable broken) {
        boolean wrote = false;
        while (true) {
            ByteBuffer next;
            lock.lock();
            try {
                if (closed || slice > 0) {
                    return;
                }
                if (from == to) {
                    break;
                }
                slice = Math.min(SLICE, to - from);
                inline = true;
                next = ByteBuffer.wrap(bytes, from, slice);
            } finally {
                lock.unlock();
            }
            wrote = true;
            pipe.write(next, failure -> written(failure, emptied, broken));
            lock.lock();
            try {
                inline = false;
                if (slice > 0) {
                    return; // the rest is for whoever finishes this write
                }
            } finally {
                lock.unlock();
            }
        }
        if (wrote) {
            emptied.run();
        }
    }

    private void written(Throwable failure, Runnable emptied, Runnable broken) {
        ArrayDeque<Mark> reached = null;
        boolean goOn;
        boolean empty;
        lock.lock();
        try {
            if (closed) {
                slice = 0;
                return;
            }
            from += slice;
            written += slice;
            slice = 0;
            progress = System.nanoTime();
            if (from == to) {
                bytes = NOTHING;
                from = 0;
                to = 0;
            }
            empty = from == to;
            goOn = !inline;
            while (marks != null && !marks.isEmpty() && marks.peek().until() <= written) {
                reached = reached == null ? new ArrayDeque<>() : reached;
                reached.add(marks.poll());
            }
        } finally {
            lock.unlock();
        }
        if (failure != null) {
            broken.run();
            return;
        }
        if (reached != null) {
            reached.forEach(mark -> mark.done().complete(null));
        }
        if (goOn && empty) {
            emptied.run();
        } else if (goOn) {
            flush(emptied, broken);
        }
    }

    /** Bytes that wait or are being written. */
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
        ArrayDeque<Mark> left;
        lock.lock();
        try {
            closed = true;
            bytes = NOTHING;
            from = 0;
            to = 0;
            left = marks;
            marks = null;
        } finally {
            lock.unlock();
        }
        if (left != null) {
            left.forEach(mark -> mark.done().completeExceptionally(new ClosedChannelException()));
        }
    }

    /** Room behind what waits; never moves bytes within an array that may be being written. */
    private void makeRoom(int more) {
        if (bytes.length - to >= more) {
            return;
        }
        int waiting = to - from;
        byte[] larger =
                new byte[Math.max(Math.addExact(waiting, more), Math.max(SMALL, Math.min(waiting, 1 << 29) * 2))];
        System.arraycopy(bytes, from, larger, 0, waiting);
        bytes = larger;
        from = 0;
        to = waiting;
    }
}
