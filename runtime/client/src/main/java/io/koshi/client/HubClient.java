package io.koshi.client;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A client of the hub that comes back by itself: it connects again after a pause that doubles from 100 ms to 10 s, goes
 * on with the events where it was, and offers its methods anew. Calls that were under way when the connection was lost
 * fail with SERVICE_UNAVAILABLE; nothing is ever sent twice. A hub that does not know who asks, or does not let it in,
 * is not asked again: everything then fails with that answer. Thread-safe.
 *
 * <pre>{@code
 * try (HubClient hub = HubClient.socket(Path.of(System.getenv("KOSHI_HOME"), "koshi.sock"))) {
 *     hub.subscribe(List.of("run.*"), event -> System.out.println(event.topic() + " " + event.payload()));
 *     System.out.println(hub.call("hub.status", Map.of()));
 * }
 * }</pre>
 */
public final class HubClient implements AutoCloseable {
    /** How long a call may take where nothing else is said. */
    public static final Duration DEADLINE = Duration.ofSeconds(30);

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final Keeper keeper;

    /** Makes a connection. */
    @FunctionalInterface
    public interface Connector {
        /** @throws HubException when the hub answered and said no */
        Wire connect() throws IOException;
    }

    /** One subscription of the program's. */
    record Listener(List<String> topics, Consumer<HubEvent> consumer) {}

    /** Begins to connect; the program need not wait for it. */
    public HubClient(Connector connector) {
        this.keeper = new Keeper(connector, listeners);
        keeper.start();
    }

    /** A client of the Unix socket, for example {@code ~/.koshi/koshi.sock}. */
    public static HubClient socket(Path socket) {
        return new HubClient(() -> SocketWire.open(socket));
    }

    /**
     * A client of {@code /gateway}.
     *
     * @param token asked for at each connection, so that it may change
     */
    public static HubClient webSocket(URI address, Supplier<String> token) {
        return new HubClient(() -> WebSocketWire.open(address, token.get()));
    }

    /**
     * Waits for the connection.
     *
     * @throws HubException why there is none in time
     */
    public void awaitConnected(Duration limit) throws InterruptedException {
        keeper.standing().awaitConnected(limit);
    }

    /** Whether there is a connection now. */
    public boolean connected() {
        return keeper.standing().connected();
    }

    /** Calls a method and waits, for the connection too, {@link #DEADLINE} together. */
    public Map<String, Object> call(String method, Map<String, ?> params) throws InterruptedException {
        return call(method, params, DEADLINE);
    }

    /**
     * Calls a method and waits, for the connection too.
     *
     * @param params plain data
     * @param deadline for all of it; the hub is told
     * @throws HubException what the hub answered, TIMEOUT when it did not, SERVICE_UNAVAILABLE when it went away
     */
    public Map<String, Object> call(String method, Map<String, ?> params, Duration deadline)
            throws InterruptedException {
        long until = System.nanoTime() + deadline.toNanos();
        keeper.standing().awaitConnected(deadline);
        Duration left = Duration.ofNanos(Math.max(1_000_000, until - System.nanoTime()));
        CompletableFuture<Map<String, Object>> answer = ask(method, params, left);
        try {
            return answer.get(left.toMillis() + 1000, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            answer.cancel(false);
            throw new HubException("TIMEOUT", "The hub did not answer " + method + " in time.");
        } catch (ExecutionException | CompletionException e) {
            throw e.getCause() instanceof HubException known
                    ? known
                    : new HubException("INTERNAL", String.valueOf(e.getCause()));
        }
    }

    /** Calls a method without waiting; fails at once when there is no connection. */
    public CompletableFuture<Map<String, Object>> ask(String method, Map<String, ?> params, Duration deadline) {
        return keeper.ask(method, params, deadline);
    }

    /** Publishes an event and waits for its number. */
    public long emit(String topic, Map<String, ?> payload) throws InterruptedException {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("topic", topic);
        params.put("payload", payload);
        return call("event.publish", params).get("seq") instanceof Long seq ? seq : 0;
    }

    /**
     * Hears events from now on, also over a lost connection: what was missed meanwhile is brought, or a {@link
     * HubEvent#GAP} that says what is lost.
     *
     * @param topics patterns, for example {@code run.*}
     * @param consumer called one event at a time on a thread of the client's; may call the hub
     * @return ends it when closed
     */
    public AutoCloseable subscribe(List<String> topics, Consumer<HubEvent> consumer) {
        Listener listener = new Listener(List.copyOf(topics), consumer);
        listeners.add(listener);
        keeper.subscribe(listener.topics());
        return () -> listeners.remove(listener);
    }

    /**
     * Offers methods to the hub, again after each connection.
     *
     * @throws HubException REGISTER_FAILED where a name is the hub's own or the service's is taken
     */
    public void register(HubService service) throws InterruptedException {
        keeper.register(service);
    }

    /** Why the client has given up, null while it has not. */
    public HubException refused() {
        return keeper.standing().refused();
    }

    @Override
    public void close() {
        keeper.close();
    }
}
