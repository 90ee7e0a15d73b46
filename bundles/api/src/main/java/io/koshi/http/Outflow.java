package io.koshi.http;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes on their way to one HTTP client, as fast as it takes them: adding never waits, and a client that falls too far
 * behind is let go. A door ties it to its server's asynchronous writing. Thread-safe.
 */
public final class Outflow implements AutoCloseable {
    /** A response that is written without blocking, as servlets do it; called by one thread at a time. */
    public interface Pipe {
        /** Whether a write may follow; when not, the server calls {@link Outflow#writable} once it may. */
        boolean ready() throws IOException;

        void write(byte[] bytes) throws IOException;

        /** Sends what was written; only while it is ready. */
        void flush() throws IOException;

        /** Ends the response. */
        void end();
    }

    private final Pipe pipe;
    private final long mostBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean blocked = true; // until the server says that it may begin
    private boolean unsent;
    private boolean ending;
    private boolean ended;

    /** @param mostBytes that may wait for the client */
    public Outflow(Pipe pipe, long mostBytes) {
        this.pipe = pipe;
        this.mostBytes = mostBytes;
    }

    /** Sends behind what was added before; false when the client is gone or was let go just now. */
    public boolean add(byte[] bytes) {
        lock.lock();
        try {
            if (ending || ended) {
                return false;
            }
            if (waitingBytes + bytes.length > mostBytes) {
                finish();
                return false;
            }
            waiting.add(bytes);
            waitingBytes += bytes.length;
            pump();
            return !ended;
        } finally {
            lock.unlock();
        }
    }

    /** The server takes bytes again. */
    public void writable() {
        lock.lock();
        try {
            blocked = false;
            pump();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the response once everything was taken. */
    public void end() {
        lock.lock();
        try {
            ending = true;
            pump();
        } finally {
            lock.unlock();
        }
    }

    /** Ends it now, whatever waits. */
    @Override
    public void close() {
        lock.lock();
        try {
            finish();
        } finally {
            lock.unlock();
        }
    }

    private void pump() {
        try {
            while (!blocked && !ended && (!waiting.isEmpty() || unsent)) {
                if (!pipe.ready()) {
                    blocked = true;
                } else if (waiting.isEmpty()) {
                    pipe.flush();
                    unsent = false;
                } else {
                    byte[] next = waiting.poll();
                    waitingBytes -= next.length;
                    pipe.write(next);
                    unsent = true;
                }
            }
            if (ending && !blocked && waiting.isEmpty() && !unsent) {
                finish();
            }
        } catch (IOException | IllegalStateException gone) {
            finish();
        }
    }

    private void finish() {
        if (!ended) {
            ended = true;
            waiting.clear();
            waitingBytes = 0;
            pipe.end();
        }
    }
}
