package io.koshi.mcp.internal;

import io.koshi.rpc.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A session of a client: what it speaks, what it listens to, and what is to be told to it. The last few notices are
 * kept for a stream that breaks and comes again. Thread-safe.
 */
final class Guest {
    private static final int KEPT = 100;
    private static final int MOST_WATCHED = 1000;
    private static final int MOST_ENDED = 4;
    private static final int LONGEST_KEPT = 256 << 10;

    private final String id;
    private final Caller caller;
    private final String version;
    private final Set<String> watched = ConcurrentHashMap.newKeySet();
    private final List<Notice> kept = new ArrayList<>(); // guarded by this
    private long told;
    private final AtomicReference<Consumer<Notice>> ear = new AtomicReference<>();
    private final Map<String, Runnable> running = new ConcurrentHashMap<>();
    private final Map<String, Exchange> exchanges = new ConcurrentHashMap<>();
    private final Queue<Exchange> ended = new ConcurrentLinkedQueue<>();
    private final Set<SseStream> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean over;
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

    /** Whether an event that says nothing but its id means something to it, which older clients take for a message. */
    boolean knowsPlaces() {
        return version.compareTo(Protocol.WITH_PLACES) >= 0;
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
        Consumer<Notice> listener = ear.get();
        if (listener != null) {
            listener.accept(notice);
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
        ear.set(listener);
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
    void deafen(Consumer<Notice> listener) {
        ear.compareAndSet(listener, null);
    }

    synchronized boolean heard() {
        return ear.get() != null || next != null && !next.isDone();
    }

    /** Notes a request that can be called off until its exchange ends. */
    void runs(Object requestId, Exchange exchange, Runnable callOff) {
        String key = key(requestId);
        running.put(key, callOff);
        exchange.done().whenComplete((answer, failure) -> running.remove(key, callOff));
    }

    /** Calls a request off; one that is not on, or never was, is none of our business. */
    void callOff(Object requestId) {
        Runnable callOff = requestId == null ? null : running.get(key(requestId));
        if (callOff != null) {
            callOff.run();
        }
    }

    /** 7 is not "7". */
    private static String key(Object requestId) {
        return requestId instanceof Number ? "#" + requestId : "\"" + requestId;
    }

    /** Keeps an exchange for the one who will ask for it by its ticket, until it is forgotten. */
    void hold(Exchange exchange) {
        exchanges.put(exchange.ticket(), exchange);
    }

    /** Keeps an exchange for one who may ask for it by its ticket; of those that have ended only the last few. */
    void keep(Exchange exchange) {
        hold(exchange);
        exchange.done().whenComplete((answer, failure) -> {
            ended.add(exchange);
            if (answer.isEmpty() || answer.get().length > LONGEST_KEPT) {
                forget(exchange);
            }
            while (ended.size() > MOST_ENDED) {
                Exchange oldest = ended.poll();
                if (oldest != null) {
                    forget(oldest);
                }
            }
        });
    }

    Optional<Exchange> exchange(String ticket) {
        return Optional.ofNullable(exchanges.get(ticket));
    }

    void forget(Exchange exchange) {
        exchanges.remove(exchange.ticket());
        ended.remove(exchange);
    }

    /** A stream that ends with the session. */
    void opens(SseStream stream) {
        streams.add(stream);
        if (over) {
            stream.close();
        }
    }

    void closed(SseStream stream) {
        streams.remove(stream);
    }

    /** The session is over: nobody is told anything any more. */
    void end() {
        over = true;
        streams.forEach(SseStream::close);
    }
}
