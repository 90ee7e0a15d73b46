package io.koshi.mcp.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The sessions of MCP clients. Tells them when tools, resources or prompts have changed; listens to the hub's events
 * only while there is anybody to tell. Bounded: the one unused longest makes room. Thread-safe.
 */
@Component(name = "io.koshi.mcp.guests", service = Guests.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Guests {
    private static final int MOST = 1000;
    private static final Duration IDLE = Duration.ofHours(24);
    private static final List<String> TOPICS =
            List.of("plugin.*", "service.*", "config.reloaded", "skill.*", "session.created", "session.message");

    private final Registry registry;
    private final Events events;
    private final Codec codec;
    private final Map<String, Guest> guests = new ConcurrentHashMap<>();
    private final AutoCloseable closings;
    private volatile List<MethodInfo> methods = List.of(); // guarded by this
    private volatile Subscription subscription; // guarded by this

    @Activate
    public Guests(@Reference Registry registry, @Reference Events events, @Reference Codec codec) {
        this.registry = registry;
        this.events = events;
        this.codec = codec;
        this.closings = registry.onClosed(this::left);
    }

    @Deactivate
    public synchronized void close() throws Exception {
        closings.close();
        if (subscription != null) {
            subscription.close();
        }
        guests.clear();
    }

    Guest welcome(Caller caller, String version) {
        Guest guest = new Guest(Ulid.next(), caller, version);
        makeRoom();
        guests.put(guest.id(), guest);
        listen();
        return guest;
    }

    /** @throws KoshiException NOT_FOUND when it is not there or is another's: the client begins anew then */
    Guest of(String id, Caller caller) {
        Guest guest = guests.get(id);
        if (guest == null || !guest.caller().name().equals(caller.name())) {
            throw new KoshiException(ErrorCode.NOT_FOUND, "there is no such session; begin with initialize");
        }
        guest.used();
        return guest;
    }

    Optional<Guest> find(String id) {
        return Optional.ofNullable(guests.get(id));
    }

    void end(Guest guest) {
        drop(guest);
        rest();
    }

    private void drop(Guest guest) {
        guests.remove(guest.id());
        guest.end();
    }

    private void left(Caller caller) {
        if (!caller.connection().isEmpty()) {
            guests.values().stream()
                    .filter(guest -> guest.caller().connection().equals(caller.connection()))
                    .forEach(this::drop);
            rest();
        }
    }

    private void makeRoom() {
        Instant old = Instant.now().minus(IDLE);
        guests.values().stream()
                .filter(guest -> guest.usedAt().isBefore(old) && !guest.heard())
                .forEach(this::drop);
        while (guests.size() >= MOST) {
            guests.values().stream()
                    .min((a, b) -> a.usedAt().compareTo(b.usedAt()))
                    .ifPresent(this::drop);
        }
    }

    private synchronized void listen() {
        if (subscription == null) {
            methods = registry.methods();
            subscription = events.subscribe(TOPICS, -1, this::happened);
        }
    }

    private synchronized void rest() {
        if (guests.isEmpty() && subscription != null) {
            Subscription over = subscription;
            subscription = null;
            over.close();
        }
    }

    private void happened(Event event) {
        switch (event.topic()) {
            case "session.created" -> tellAll("notifications/resources/list_changed");
            case "session.message" -> said(event);
            default -> {
                if (changed()) {
                    tellAll("notifications/tools/list_changed");
                }
                if (event.topic().startsWith("skill.")) {
                    tellAll("notifications/prompts/list_changed");
                }
            }
        }
    }

    private synchronized boolean changed() {
        List<MethodInfo> now = registry.methods();
        boolean changed = !now.equals(methods);
        methods = now;
        return changed;
    }

    private void said(Event event) {
        if (codec.toData(event.payload()) instanceof Map<?, ?> line && line.get("sessionKey") instanceof String key) {
            String uri = Resources.SESSION + Resources.encode(key);
            for (Guest guest : guests.values()) {
                if (guest.watched().contains(uri)) {
                    guest.tell(notice("notifications/resources/updated", Map.of("uri", uri)));
                }
            }
        }
    }

    private void tellAll(String what) {
        byte[] json = notice(what, Map.of());
        guests.values().forEach(guest -> guest.tell(json));
    }

    private byte[] notice(String method, Map<String, Object> params) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("jsonrpc", "2.0");
        message.put("method", method);
        if (!params.isEmpty()) {
            message.put("params", params);
        }
        return codec.json(message);
    }
}
