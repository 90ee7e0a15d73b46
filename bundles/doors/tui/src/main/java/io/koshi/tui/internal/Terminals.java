package io.koshi.tui.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Gap;
import io.koshi.event.Subscription;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import io.koshi.socket.Connection;
import io.koshi.socket.Socket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The older terminals that are connected: what a person types is a message on the console channel, and what happens in
 * its conversation is shown to all who take part in it. Thread-safe.
 */
final class Terminals implements Socket, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TuiDoor.class);
    private static final String CHANNEL = "console";
    private static final String CONVERSATION = "tui";
    private static final int MOST_CONVERSATIONS = 100;

    private final Registry registry;
    private final Codec codec;
    private final Settings config;
    private final Caller caller;
    private final Activities activities;
    private final Map<Connection, Set<String>> clients = new ConcurrentHashMap<>();
    private final long began = System.nanoTime();
    private final Subscription heard;

    /** @param caller whom every client is taken for */
    Terminals(Registry registry, Events events, Codec codec, Settings config, Caller caller) {
        this.registry = registry;
        this.codec = codec;
        this.config = config;
        this.caller = caller;
        this.activities = new Activities(() -> config.config().agent().contextLimit());
        this.heard = events.subscribe(List.of("run.*", "console.reply"), -1, this::happened);
    }

    @Override
    public void close() {
        heard.close();
    }

    int count() {
        return clients.size();
    }

    @Override
    public void open(Connection connection) {
        Set<String> conversations = ConcurrentHashMap.newKeySet();
        conversations.add(CONVERSATION);
        double uptime = Math.round((System.nanoTime() - began) / 1e8) / 10.0;
        send(connection, Words.of("status", "name", config.config().name(), "uptime", uptime));
        clients.put(connection, conversations); // not before: what happens meanwhile would be heard first
    }

    @Override
    public void close(Connection connection, int code, String reason) {
        clients.remove(connection);
        registry.closed(connection.caller());
    }

    @Override
    public void text(Connection connection, String message) {
        Set<String> conversations = clients.get(connection);
        if (conversations == null) {
            return;
        }
        try {
            Words.Typed typed = Words.typed(codec.parseJson(message.getBytes(UTF_8)), CONVERSATION);
            if (conversations.contains(typed.conversation()) || conversations.size() < MOST_CONVERSATIONS) {
                conversations.add(typed.conversation());
            }
            take(connection, typed);
        } catch (KoshiException e) {
            refuse(connection, e);
        }
    }

    private void take(Connection connection, Words.Typed typed) {
        Map<String, Object> message =
                Map.of("channel", CHANNEL, "conversation", typed.conversation(), "text", typed.content());
        registry.call(connection.caller(), "channel.receive", message, Registry.DEADLINE)
                .whenComplete((accepted, failure) -> {
                    if (failure != null) {
                        refuse(connection, failure);
                    }
                });
    }

    /** The older terminal knows no error message; it shows one as an answer. */
    private void refuse(Connection connection, Throwable failure) {
        Throwable cause = failure.getCause() instanceof KoshiException known ? known : failure;
        send(connection, Words.of("assistant_done", "content", "Error: " + cause.getMessage()));
    }

    private void happened(Event event) {
        boolean unseen = event.topic().equals("run.delta") && clients.isEmpty();
        if (unseen || event.topic().equals(Gap.TOPIC)) {
            return;
        }
        if (!(codec.toData(event.payload()) instanceof Map<?, ?> payload)) {
            return;
        }
        if (event.topic().equals("console.reply")) {
            show(
                    String.valueOf(payload.get("conversation")),
                    Words.of("assistant_done", "content", payload.get("text")));
            return;
        }
        Activities.Shown shown = activities.heard(event.topic(), payload);
        String conversation = conversation(shown.sessionKey());
        if (shown.activity() != null) {
            show(conversation, shown.activity());
        }
        if (event.topic().equals("run.delta") && payload.get("delta") instanceof String delta && !delta.isEmpty()) {
            show(conversation, Words.of("assistant_chunk", "text", delta));
        }
        if (event.topic().equals("run.completed")) {
            measure(shown.sessionKey(), conversation);
        }
    }

    /** How full the model's context is now, told when it is known. */
    private void measure(String session, String conversation) {
        if (clients.values().stream().noneMatch(each -> each.contains(conversation))) {
            return;
        }
        registry.call(caller, "agent.prompt", Map.of("sessionKey", session), Registry.DEADLINE)
                .whenComplete((prompt, failure) -> {
                    if (failure != null) {
                        LOG.debug("The size of {} is not known: {}", session, failure.getMessage());
                    } else if (codec.toData(prompt) instanceof Map<?, ?> told
                            && told.get("tokens") instanceof Number tokens) {
                        show(conversation, activities.measured(session, tokens.longValue()));
                    }
                });
    }

    /** The part of a session's key that names a conversation of the console; of others, one that nobody has. */
    private static String conversation(String sessionKey) {
        return sessionKey.startsWith(CHANNEL + ":") ? sessionKey.substring(CHANNEL.length() + 1) : "";
    }

    private void show(String conversation, Map<String, Object> words) {
        clients.forEach((connection, conversations) -> {
            if (conversations.contains(conversation)) {
                send(connection, words);
            }
        });
    }

    private void send(Connection connection, Map<String, Object> words) {
        connection.text(new String(codec.json(words), UTF_8));
    }
}
