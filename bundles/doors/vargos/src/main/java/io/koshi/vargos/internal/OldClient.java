package io.koshi.vargos.internal;

import io.koshi.socket.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** One client of the older gateway, which is a service once it has registered. Thread-safe. */
final class OldClient {
    private static final int MOST_PENDING = 10_000;

    private final Connection connection;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, Pending> pending = new ConcurrentHashMap<>();
    private final CopyOnWriteArraySet<String> subscriptions = new CopyOnWriteArraySet<>();
    private volatile Registered registered; // null before it registers

    /**
     * What it said of itself.
     *
     * @param service the source of its events
     */
    record Registered(String service, String version, List<String> methods, List<String> events) {}

    /** @param alarm what gives the question up in time */
    private record Pending(Asked asked, Future<?> alarm) {}

    /** Hears an answer of the service, once. */
    interface Asked {
        /** @param frame the whole answer */
        void answered(Map<?, ?> frame);

        /** @param code the older gateway's */
        void failed(String code, String message);
    }

    OldClient(Connection connection) {
        this.connection = connection;
    }

    void send(String frame) {
        connection.text(frame);
    }

    Registered registered() {
        return registered;
    }

    void registered(Registered told) {
        registered = told;
    }

    CopyOnWriteArraySet<String> subscriptions() {
        return subscriptions;
    }

    int pending() {
        return pending.size();
    }

    /**
     * Notes a question, under an id that no other question to this service has.
     *
     * @param alarm sets the alarm that gives the question up
     * @return null where the service has too many to answer
     */
    String ask(Asked asked, Function<String, Future<?>> alarm) {
        if (pending.size() >= MOST_PENDING) {
            return null;
        }
        String id = "k" + ids.incrementAndGet();
        pending.put(id, new Pending(asked, alarm.apply(id)));
        return id;
    }

    void answered(String id, Map<?, ?> frame) {
        Asked asked = take(id);
        if (asked != null) {
            asked.answered(frame);
        }
    }

    /** Gives a question up, where nobody has answered it. */
    void fail(String id, String code, String message) {
        Asked asked = take(id);
        if (asked != null) {
            asked.failed(code, message);
        }
    }

    private Asked take(String id) {
        Pending found = pending.remove(id);
        if (found == null) {
            return null;
        }
        found.alarm().cancel(false);
        return found.asked();
    }

    /** It is gone: whoever waits for it is told at once. */
    void gone() {
        for (String id : List.copyOf(pending.keySet())) {
            fail(id, "SERVICE_UNAVAILABLE", "Service disconnected");
        }
    }
}
