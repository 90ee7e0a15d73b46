package io.koshi.vargos.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Gap;
import io.koshi.event.Subscription;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import io.koshi.socket.Connection;
import io.koshi.socket.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The older gateway, as its clients see it: services that register, calls between them, and events. What no such
 * service answers, the hub does, under the older names. Thread-safe.
 */
final class OldHub implements Socket, AutoCloseable {
    private static final String GATEWAY = "gateway";
    private static final String NOBODY = "unknown";
    private static final Set<String> OWN = Set.of("gateway.register", "gateway.inspect", "gateway.stats");

    private final Registry registry;
    private final Codec codec;
    private final Pools pools;
    private final Caller caller;
    private final OldFrame frames;
    private final Duration timeout;
    private final Map<Connection, OldClient> clients = new ConcurrentHashMap<>();
    private final OldServices services = new OldServices();
    private final Subscription heard;
    private long seq; // guarded by clients

    /** @param caller whom every client is taken for */
    OldHub(Registry registry, Events events, Codec codec, Pools pools, Caller caller, Duration timeout) {
        this.registry = registry;
        this.codec = codec;
        this.pools = pools;
        this.caller = caller;
        this.frames = new OldFrame(codec);
        this.timeout = timeout;
        this.heard = events.subscribe(List.of("*"), -1, this::relay);
    }

    @Override
    public void close() {
        heard.close();
    }

    @Override
    public void open(Connection connection) {
        clients.put(connection, new OldClient(connection));
    }

    @Override
    public void close(Connection connection, int code, String reason) {
        OldClient client = clients.remove(connection);
        if (client == null) {
            return;
        }
        boolean service = services.remove(client);
        client.gone();
        registry.closed(connection.caller());
        if (service) {
            publish(
                    GATEWAY,
                    "service.disconnected",
                    OldFrame.members("service", client.registered().service()));
        }
    }

    @Override
    public void text(Connection connection, String message) {
        OldClient client = clients.get(connection);
        if (client == null) {
            return;
        }
        Map<?, ?> frame = parsed(message);
        String type = frame == null ? "" : String.valueOf(frame.get("type"));
        switch (type) {
            case "req" -> request(connection, client, frame);
            case "res" -> client.answered(String.valueOf(frame.get("id")), frame);
            case "event" -> event(client, frame);
            default -> client.send(frames.error(NOBODY, "PARSE_ERROR", "Invalid frame"));
        }
    }

    private Map<?, ?> parsed(String message) {
        try {
            Object data = codec.parseJson(message.getBytes(UTF_8));
            if (data instanceof Map<?, ?> frame) {
                boolean whole = switch (String.valueOf(frame.get("type"))) {
                    case "req" -> frame.get("method") instanceof String && params(frame.get("params")) != null;
                    case "res" -> frame.get("id") instanceof String && frame.get("ok") instanceof Boolean;
                    case "event" -> frame.get("event") instanceof String;
                    default -> false;
                };
                return whole ? frame : null;
            }
            return null;
        } catch (KoshiException e) {
            return null;
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> params(Object value) {
        return value == null ? Map.of() : value instanceof Map<?, ?> ? (Map<String, Object>) value : null;
    }

    private void request(Connection connection, OldClient client, Map<?, ?> frame) {
        String id = frame.get("id") instanceof String given ? given : NOBODY;
        String method = (String) frame.get("method");
        Map<String, Object> params = params(frame.get("params"));
        if (OWN.contains(method)) {
            own(client, id, method, params);
            return;
        }
        OldClient owner = services.owner(method);
        if (owner != null) {
            forward(client, owner, id, frame, method);
        } else {
            ask(connection, client, id, method, params);
        }
    }

    private void own(OldClient client, String id, String method, Map<String, Object> params) {
        switch (method) {
            case "gateway.register" -> register(client, id, params);
            case "gateway.inspect" -> client.send(frames.result(id, services.inspection()));
            default -> client.send(frames.result(id, services.stats()));
        }
    }

    private void register(OldClient client, String id, Map<String, Object> params) {
        if (!(params.get("service") instanceof String service) || service.isEmpty()) {
            client.send(frames.error(id, "REGISTER_FAILED", "Invalid registration"));
            return;
        }
        client.registered(new OldClient.Registered(
                service,
                params.get("version") instanceof String version ? version : "",
                texts(params.get("methods")),
                texts(params.get("events"))));
        services.add(client);
        client.subscriptions().clear();
        client.subscriptions().addAll(texts(params.get("subscriptions")));
        client.send(frames.result(id, services.routes()));
    }

    private static List<String> texts(Object value) {
        List<String> texts = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.stream().filter(String.class::isInstance).limit(1000).forEach(each -> texts.add((String) each));
        }
        return texts;
    }

    /** To the service that has it, under an id of its own, so that two callers with one id never meet. */
    private void forward(OldClient client, OldClient owner, String id, Map<?, ?> frame, String method) {
        OldClient.Asked caller = new OldClient.Asked() {
            @Override
            public void answered(Map<?, ?> answer) {
                client.send(
                        Boolean.TRUE.equals(answer.get("ok"))
                                ? frames.result(id, answer.get("payload"))
                                : frames.error(id, answer.get("error")));
            }

            @Override
            public void failed(String code, String message) {
                client.send(frames.error(id, code, message));
            }
        };
        String asked = owner.ask(caller, key -> alarm(owner, key, method));
        if (asked == null) {
            client.send(frames.error(id, "SERVICE_UNAVAILABLE", "Service overloaded"));
            return;
        }
        owner.send(frames.request(asked, target(frame, owner), method, frame.get("params")));
        if (!services.contains(owner)) {
            owner.gone(); // it went in the meantime
        }
    }

    private Future<?> alarm(OldClient owner, String asked, String method) {
        return pools.timer()
                .schedule(
                        () -> pools.work()
                                .execute(() -> owner.fail(asked, "TIMEOUT", "Request " + method + " timed out")),
                        timeout.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private static Object target(Map<?, ?> frame, OldClient owner) {
        return frame.get("target") instanceof String given
                ? given
                : owner.registered().service();
    }

    /** To the hub itself, whose names and parameters differ a little. */
    private void ask(Connection connection, OldClient client, String id, String method, Map<String, Object> params) {
        MethodInfo info = registry.find(OldNames.method(method)).orElse(null);
        if (info == null || info.noun().equals(GATEWAY)) {
            client.send(frames.error(id, "NO_HANDLER", "No service handles method: " + method));
            return;
        }
        Caller who = connection.caller();
        registry.call(who, info.name(), OldNames.params(method, params, info), timeout)
                .whenComplete((result, failure) -> client.send(
                        failure == null
                                ? frames.result(id, OldNames.result(method, codec.toData(result), params))
                                : refusal(id, method, failure)));
    }

    private String refusal(String id, String method, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        ErrorCode code = cause instanceof KoshiException known ? known.code() : ErrorCode.INTERNAL;
        return switch (code) {
            case TIMEOUT -> frames.error(id, "TIMEOUT", "Request " + method + " timed out");
            case SERVICE_UNAVAILABLE, OVERLOADED -> frames.error(id, "SERVICE_UNAVAILABLE", cause.getMessage());
            case NO_HANDLER -> frames.error(id, "NO_HANDLER", "No service handles method: " + method);
            default -> frames.error(id, "METHOD_ERROR", String.valueOf(cause.getMessage()));
        };
    }

    /** An event of a client: its source is the service it registered as. The hub hears it unless it is the hub's own. */
    private void event(OldClient client, Map<?, ?> frame) {
        String topic = (String) frame.get("event");
        OldClient.Registered told = client.registered();
        String source = told != null ? told.service() : String.valueOf(frame.get("source"));
        Object payload = frame.get("payload");
        publish(source, topic, payload);
        if (told != null && payload instanceof Map<?, ?>) {
            registry.call(
                    caller.as(source),
                    "event.publish",
                    OldFrame.members("topic", topic, "payload", payload),
                    Registry.DEADLINE);
        }
    }

    /** What happens in the hub, unless one of our services said it: its own clients have it already. */
    private void relay(Event event) {
        if (clients.isEmpty() || event.topic().equals(Gap.TOPIC)) {
            return;
        }
        if (services.named(event.source())) {
            return;
        }
        publish(event.source(), event.topic(), codec.toData(event.payload()));
    }

    /** Numbers an event and brings it to those who want it. */
    private void publish(String source, String topic, Object payload) {
        synchronized (clients) { // numbers go out in their order
            seq++;
            String frame = null;
            for (OldClient client : clients.values()) {
                if (client.subscriptions().contains(topic)) {
                    frame = frame == null ? frames.event(source, topic, payload, seq) : frame;
                    client.send(frame);
                }
            }
        }
    }

    int clients() {
        return clients.size();
    }
}
