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
    private final Standing standing = new Standing();

    Keeper(HubClient.Connector connector, List<HubClient.Listener> listeners) {
        this.connector = connector;
        this.listeners = listeners;
        this.delivery = new Delivery(listeners);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    Standing standing() {
        return standing;
    }

    CompletableFuture<Map<String, Object>> ask(String method, Map<String, ?> params, Duration deadline) {
        Wire now = standing.wire();
        HubException refused = standing.refused();
        if (now == null) {
            return CompletableFuture.failedFuture(
                    refused != null
                            ? refused
                            : new HubException("SERVICE_UNAVAILABLE", "There is no connection to the hub now."));
        }
        return calls.ask(now, method, params, deadline);
    }

    /** Asks for topics at once where there is a connection; else they are asked for with it. */
    void subscribe(List<String> topics) {
        if (standing.connected()) {
            ask("gateway.subscribe", Map.of("topics", topics), HubClient.DEADLINE)
                    .thenAccept(begun -> delivery.begun(begun, false));
        }
    }

    void register(HubService service) throws InterruptedException {
        services.add(service);
        standing.awaitConnected(HubClient.DEADLINE);
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
        Wire last = standing.close();
        thread.interrupt();
        drop(last);
        delivery.close();
        services.close();
    }

    private void run() {
        Backoff backoff = new Backoff(FIRST, LONGEST);
        while (!standing.ended()) {
            Wire now = null;
            try {
                now = connector.connect();
                standing.adopt(now);
                greet(now);
                backoff.reset();
                read(now);
            } catch (HubException e) {
                if (e.isFinal()) {
                    standing.refuse(e);
                }
            } catch (IOException | RuntimeException lost) {
                // whoever waited for an answer is told; the next connection is made below
            } finally {
                standing.lose();
                drop(now);
                calls.failAll(standing.refused());
            }
            standing.pause(backoff.next());
        }
        calls.failAll(standing.refused());
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
        standing.ready();
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
        while (!standing.ended()) {
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
