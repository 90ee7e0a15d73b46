package io.koshi.mcp.internal;

import io.koshi.rpc.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A session of a client: what it speaks, what it listens to, and what is to be told to it. The last few notices are
 * kept for a stream that breaks and comes again. Thread-safe.
 */
final class Guest {
    private static final int KEPT = 100;
    private static final int MOST_WATCHED = 1000;

    private final String id;
    private final Caller caller;
    private final String version;
    private final Set<String> watched = ConcurrentHashMap.newKeySet();
    private final List<Notice> kept = new ArrayList<>(); // guarded by this
    private long told;
    private Consumer<Notice> ear;
    private long taken;
    private CompletableFuture<byte[]> next;
    private volatile Instant usedAt = Instant.now();

    /** Something told, with its place among all. */
    record Notice(long number, byte[] json) {}

    Guest(String id, Caller caller, String version) {
        this.id = id;
        this.caller = caller;
        this.version = version;
    }

    String id() {
        return id;
    }

    Caller caller() {
        return caller;
    }

    /** The version of the protocol that was agreed on. */
    String version() {
        return version;
    }

    Instant usedAt() {
        return usedAt;
    }

    void used() {
        usedAt = Instant.now();
    }

    Set<String> watched() {
        return watched;
    }

    void watch(String uri) {
        if (watched.size() >= MOST_WATCHED) {
            throw new Fault(Fault.INVALID_PARAMS, "no more than " + MOST_WATCHED + " resources can be watched");
        }
        watched.add(uri);
    }

    synchronized void tell(byte[] json) {
        Notice notice = new Notice(++told, json);
        kept.add(notice);
        if (kept.size() > KEPT) {
            kept.remove(0);
        }
        if (ear != null) {
            ear.accept(notice);
        }
        handOver();
    }

    /**
     * Tells everything from now on, after what is still known since a number. A new ear takes the place of the old.
     *
     * @param since -1 for nothing of before
     * @param listener must not wait
     */
    synchronized void listen(long since, Consumer<Notice> listener) {
        if (since >= 0) {
            kept.stream().filter(notice -> notice.number() > since).forEach(listener);
        }
        ear = listener;
    }

    /** What is told next and was not taken before; one who waits already waits no more, and is told nothing. */
    synchronized CompletableFuture<byte[]> next() {
        if (next != null) {
            next.cancel(false);
        }
        CompletableFuture<byte[]> coming = new CompletableFuture<>();
        next = coming;
        handOver();
        return coming;
    }

    private void handOver() {
        if (next != null && !next.isDone()) {
            kept.stream().filter(notice -> notice.number() > taken).findFirst().ifPresent(notice -> {
                taken = notice.number();
                next.complete(notice.json());
            });
        }
    }

    /** No longer tells this one. */
    synchronized void deafen(Consumer<Notice> listener) {
        if (ear == listener) {
            ear = null;
        }
    }

    synchronized boolean heard() {
        return ear != null || next != null && !next.isDone();
    }
}
