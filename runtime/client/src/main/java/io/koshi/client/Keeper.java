package io.koshi.client;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Keeps one connection to the hub: connects, reads, and when it is lost connects again. Thread-safe. */
final class Keeper implements AutoCloseable {
    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final HubClient.Connector connector;
    private final List<HubClient.Listener> listeners;
    private final Calls calls = new Calls();
    private final Delivery delivery;
    private final Services services = new Services();
    private final Thread thread = new Thread(this::run, "koshi-client");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by the lock
    private Wire wire;
    private HubException refused;
    private boolean closed;
    private boolean ready;

    Keeper(HubClient.Connector connector, List<HubClient.Listener> listeners) {
        this.connector = connector;
        this.listeners = listeners;
        this.delivery = new Delivery(listeners);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

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

    CompletableFuture<Map<String, Object>> ask(String method, Map<String, ?> params, Duration deadline) {
        Wire now;
        HubException final_;
        lock.lock();
        try {
            now = wire;
            final_ = refused;
        } finally {
            lock.unlock();
        }
        if (now == null) {
            return CompletableFuture.failedFuture(
                    final_ != null
                            ? final_
                            : new HubException("SERVICE_UNAVAILABLE", "There is no connection to the hub now."));
        }
        return calls.ask(now, method, params, deadline);
    }

    /** Asks for topics at once where there is a connection; else they are asked for with it. */
    void subscribe(List<String> topics) {
        if (connected()) {
            ask("gateway.subscribe", Map.of("topics", topics), HubClient.DEADLINE)
                    .thenAccept(begun -> delivery.begun(begun, false));
        }
    }

    void register(HubService service) throws InterruptedException {
        services.add(service);
        awaitConnected(HubClient.DEADLINE);
        try {
            wait(ask("gateway.register", services.params(service), HubClient.DEADLINE));
        } catch (HubException e) {
            services.remove(service);
            throw e;
        } catch (IOException e) {
            throw HubException.gone(); // it is registered with the next connection
        }
    }

    @Override
    public void close() {
        Wire last;
        lock.lock();
        try {
            closed = true;
            last = wire;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
        drop(last);
        delivery.close();
        services.close();
    }

    private void run() {
        Backoff backoff = new Backoff(FIRST, LONGEST);
        while (!ended()) {
            Wire now = null;
            try {
                now = connector.connect();
                adopt(now);
                greet(now);
                backoff.reset();
                read(now);
            } catch (HubException e) {
                if (e.isFinal()) {
                    refuse(e);
                }
            } catch (IOException | RuntimeException lost) {
                // whoever waited for an answer is told; the next connection is made below
            } finally {
                lose();
                drop(now);
                calls.failAll(refused());
            }
            pause(backoff.next());
        }
        calls.failAll(refused());
    }

    private boolean ended() {
        lock.lock();
        try {
            return closed || refused != null;
        } finally {
            lock.unlock();
        }
    }

    private void adopt(Wire now) {
        lock.lock();
        try {
            wire = now;
        } finally {
            lock.unlock();
        }
    }

    private void refuse(HubException why) {
        lock.lock();
        try {
            refused = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void lose() {
        lock.lock();
        try {
            wire = null;
            ready = false;
        } finally {
            lock.unlock();
        }
    }

    /** Registers and subscribes anew, reading the answers itself, before anybody else may use the connection. */
    private void greet(Wire now) throws IOException {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (HubService service : services.all()) {
            answers.add(calls.ask(now, "gateway.register", services.params(service), HubClient.DEADLINE));
        }
        Set<String> topics = topics();
        if (!topics.isEmpty()) {
            Map<String, Object> params = new LinkedHashMap<>();
            params.put("topics", List.copyOf(topics));
            delivery.place().ifPresent(place -> params.put("since", place));
            answers.add(calls.ask(now, "gateway.subscribe", params, HubClient.DEADLINE)
                    .thenAccept(begun -> delivery.begun(begun, true)));
        }
        for (CompletableFuture<?> answer : answers) {
            while (!answer.isDone()) {
                take(now, now.read());
            }
            try {
                wait(answer);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        lock.lock();
        try {
            ready = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Set<String> late = topics();
        late.removeAll(topics);
        if (!late.isEmpty()) { // asked for while this connection was made
            subscribe(List.copyOf(late));
        }
    }

    private Set<String> topics() {
        Set<String> topics = new LinkedHashSet<>();
        listeners.forEach(each -> topics.addAll(each.topics()));
        return topics;
    }

    private static void wait(CompletableFuture<?> answer) throws IOException, InterruptedException {
        try {
            answer.get(HubClient.DEADLINE.toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HubException known) {
                throw known;
            }
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(e);
        }
    }

    private void read(Wire now) throws IOException {
        while (!ended()) {
            take(now, now.read());
        }
    }

    private void take(Wire now, byte[] bytes) throws IOException {
        Map<?, ?> frame;
        try {
            frame = Cbor.read(bytes) instanceof Map<?, ?> map ? map : Map.of();
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        switch (String.valueOf(frame.get("type"))) {
            case "res" -> calls.answered(frame);
            case "event" -> delivery.take(frame);
            case "req" -> services.serve(now, frame);
            default -> throw new IOException("a frame of no known type");
        }
    }

    private void pause(long ms) {
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

    private static void drop(Wire wire) {
        if (wire != null) {
            try {
                wire.close();
            } catch (IOException alreadyGone) {
                // that is what was wanted
            }
        }
    }
}
