package io.koshi.mcp.internal;

import io.koshi.api.Ulid;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * What is said to one request, in order: how far it is, then its answer, or nothing where it was called off. Only the
 * newest progress waits for a listener that is slow or away. Thread-safe.
 */
final class Exchange {
    private static final byte[] NOTHING = {};

    private final String ticket = Ulid.next();
    private final CompletableFuture<Optional<byte[]>> done = new CompletableFuture<>();
    private final AtomicReference<Consumer<Said>> ear = new AtomicReference<>();
    private long told; // guarded by this
    private Said progress;
    private Said end;
    private long taken;

    /**
     * Something said.
     *
     * @param number its place, from 1
     * @param json empty where a request was called off: nothing is said to it any more
     * @param last whether nothing follows
     */
    record Said(long number, byte[] json, boolean last) {}

    /** The name it goes by between us and those who carry it. */
    String ticket() {
        return ticket;
    }

    /** Completed with the answer; empty where it was called off. */
    CompletableFuture<Optional<byte[]>> done() {
        return done;
    }

    /** Nothing is said after the end. */
    synchronized void progress(byte[] json) {
        if (end == null) {
            progress = new Said(++told, json, false);
            say(progress);
        }
    }

    /** The first end counts. @return whether this was it */
    boolean end(Optional<byte[]> answer) {
        synchronized (this) {
            if (end != null) {
                return false;
            }
            end = new Said(++told, answer.orElse(NOTHING), true);
            say(end);
        }
        done.complete(answer);
        return true;
    }

    private void say(Said said) {
        Consumer<Said> listener = ear.get();
        if (listener != null) {
            listener.accept(said);
        }
    }

    /**
     * Says everything from now on to this one, after what came behind a number and waits.
     *
     * @param listener must not wait
     */
    synchronized void listen(long since, Consumer<Said> listener) {
        ear.set(listener);
        if (progress != null && progress.number() > since) {
            listener.accept(progress);
        }
        if (end != null) {
            listener.accept(end);
        }
    }

    /** No longer tells this one. */
    void deafen(Consumer<Said> listener) {
        ear.compareAndSet(listener, null);
    }

    /** What is said next and was not taken before, for one who takes it piece by piece. */
    synchronized CompletableFuture<Said> next() {
        CompletableFuture<Said> coming = new CompletableFuture<>();
        listen(taken, said -> {
            if (!coming.isDone()) {
                taken = said.number();
                coming.complete(said);
            }
        });
        return coming;
    }
}
