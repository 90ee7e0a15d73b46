package io.koshi.ksi.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the older daemon did, done by the hub: a spawn is a run of the session, its channels are topics of the bus.
 * Thread-safe.
 */
final class Commands implements AutoCloseable {
    static final List<String> TYPES =
            List.of("SPAWN", "SPAWN:async:claude", "REGISTER_AGENT", "SEND_MESSAGE", "SUBSCRIBE", "STATUS", "SHUTDOWN");

    private static final Caller SELF = new Caller("ksi", Set.of("agent.write", "hub.read"));
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final DateTimeFormatter ISO =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

    private final Registry registry;
    private final Events events;
    private final Codec codec;
    private final Settings settings;
    private final KsiSettings own;
    private final Subscription messages;

    Commands(Registry registry, Events events, Codec codec, Settings settings, KsiSettings own) {
        this.registry = registry;
        this.events = events;
        this.codec = codec;
        this.settings = settings;
        this.own = own;
        this.messages = events.subscribe(List.of("agents:messages"), -1, this::passOn);
    }

    @Override
    public void close() {
        messages.close();
    }

    Map<String, Object> spawn(Object body) {
        Fields fields = Fields.of(body);
        fields.oneOf("command", TYPES);
        String session = fields.session();
        String timestamp = fields.optional("timestamp", now());
        String prompt = fields.required("prompt");
        String model = fields.optional("model", "sonnet");
        List<String> tools = fields.texts("tools", false);
        String profile = fields.optional("agent_profile", null);
        fields.done();

        Map<String, Object> command = new LinkedHashMap<>();
        command.put("command", "SPAWN");
        command.put("session_id", session);
        command.put("timestamp", timestamp);
        command.put("prompt", prompt);
        command.put("model", model);
        command.put("tools", tools.isEmpty() ? null : tools);
        command.put("agent_profile", profile);
        events.publish("ksi", "commands:spawn", command);
        run(session, prompt, model);
        return answer("accepted", "session_id", session, "message", "Spawn command queued for processing");
    }

    Map<String, Object> register(Object body) {
        Fields fields = Fields.of(body);
        fields.oneOf("command", TYPES);
        String session = fields.session();
        String timestamp = fields.optional("timestamp", now());
        String id = fields.required("agent_id");
        String profile = fields.required("profile");
        List<String> capabilities = fields.texts("capabilities", true);
        fields.done();

        try {
            registry.ask(
                    SELF, "agent.register", Map.of("agentId", id, "profile", profile, "capabilities", capabilities));
        } catch (KoshiException e) {
            throw e.code() == ErrorCode.INVALID_PARAMS ? Invalid.beyond(e.details()) : e;
        }
        Map<String, Object> agent = new LinkedHashMap<>();
        agent.put("command", "REGISTER_AGENT");
        agent.put("session_id", session);
        agent.put("timestamp", timestamp);
        agent.put("agent_id", id);
        agent.put("profile", profile);
        agent.put("capabilities", capabilities);
        return answer("registered", "agent", agent);
    }

    Map<String, Object> agents() {
        List<Map<String, Object>> agents = registered().stream()
                .map(each -> {
                    Map<String, Object> agent = new LinkedHashMap<>();
                    agent.put("agent_id", each.get("agentId"));
                    agent.put("profile", each.get("profile"));
                    agent.put("capabilities", each.get("capabilities"));
                    agent.put("timestamp", each.get("registeredAt"));
                    return agent;
                })
                .toList();
        return Map.of("agents", agents);
    }

    Map<String, Object> status() {
        Map<?, ?> runs = (Map<?, ?>) codec.toData(registry.ask(SELF, "agent.status", Map.of()));
        Map<String, Object> broker = new LinkedHashMap<>();
        broker.put("connected_clients", 1L);
        broker.put("messages", events.seq());
        return answer(
                "healthy",
                "agents",
                (long) registered().size(),
                "active_processes",
                runs.get("active"),
                "redis_info",
                broker);
    }

    Map<String, Object> health() {
        try {
            Map<?, ?> health = (Map<?, ?>) codec.toData(registry.ask(SELF, "hub.health", Map.of()));
            if (!"unhealthy".equals(health.get("status"))) {
                return answer("healthy");
            }
            return answer("unhealthy", "error", String.valueOf(health.get("error")));
        } catch (KoshiException e) {
            return answer("unhealthy", "error", e.getMessage());
        }
    }

    static String now() {
        return ISO.format(Instant.now());
    }

    private void run(String session, String prompt, String model) {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("sessionKey", "ksi:" + session);
        params.put("task", prompt);
        model(model).ifPresent(name -> params.put("model", name));
        registry.call(SELF, "agent.run", params, LONGEST).whenComplete((done, failure) -> {
            Map<?, ?> ended = failure == null ? (Map<?, ?>) codec.toData(done) : Map.of();
            boolean well = Boolean.TRUE.equals(ended.get("success"));
            Object why = ended.get("error") instanceof Map<?, ?> error ? error.get("message") : null;
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("session_id", session);
            result.put("status", well ? "completed" : "failed");
            result.put("output", well ? ended.get("response") : null);
            result.put("error", well ? null : failure != null ? failure.getMessage() : why);
            result.put("timestamp", now());
            events.publish("ksi", "results:" + session, result);
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("event", "spawn_complete");
            told.put("session_id", session);
            told.put("status", result.get("status"));
            events.publish("ksi", "events:broadcast", told);
        });
    }

    /** The door's own model, the one that was named, or the first that runs a command. */
    private Optional<String> model(String named) {
        Map<String, Map<String, Object>> models = settings.config().models();
        return own.model()
                .or(() -> Optional.of(named).filter(models::containsKey))
                .or(() -> models.entrySet().stream()
                        .filter(each -> "command".equals(each.getValue().get("plugin")))
                        .map(Map.Entry::getKey)
                        .findFirst());
    }

    /** A message between agents: to one's inbox or to all, and a word about it to whoever watches. */
    private void passOn(Event event) {
        if (!(codec.toData(event.payload()) instanceof Map<?, ?> message)) {
            return;
        }
        Object target = message.get("target");
        boolean one = target instanceof String name && name.matches("[A-Za-z0-9_.-]{1,128}");
        events.publish(
                "ksi",
                one ? "agents:" + target + ":inbox" : "agents:broadcast",
                message.get("payload") == null ? Map.of() : message.get("payload"));
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("type", "agent_communication");
        told.put("from", message.get("source"));
        told.put("to", one ? target : "broadcast");
        told.put("timestamp", now());
        events.publish("ksi", "events:message_bus", told);
    }

    private List<Map<?, ?>> registered() {
        Map<?, ?> list = (Map<?, ?>) codec.toData(registry.ask(SELF, "agent.list", Map.of("limit", 1L)));
        return list.get("agents") instanceof List<?> agents
                ? agents.stream().<Map<?, ?>>map(each -> (Map<?, ?>) each).toList()
                : List.of();
    }

    private static Map<String, Object> answer(String status, Object... more) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("status", status);
        for (int i = 0; i < more.length; i += 2) {
            answer.put((String) more[i], more[i + 1]);
        }
        return answer;
    }
}
