package io.koshi.cli;

import io.koshi.client.Cbor;
import io.koshi.client.SocketWire;
import io.koshi.client.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A connection to the daemon: asks for a method, hears events. Confined to one thread. */
final class Link implements AutoCloseable {
    private final Wire wire;
    private final String run;
    private final ArrayDeque<Map<?, ?>> events = new ArrayDeque<>();
    private int asked;

    private Link(Wire wire, String run) {
        this.wire = wire;
        this.run = run;
    }

    /** Empty when nobody listens. */
    static Optional<Link> open(Path socket, String run) {
        try {
            return Optional.of(new Link(SocketWire.open(socket), run));
        } catch (IOException | IllegalArgumentException nobody) {
            return Optional.empty();
        }
    }

    /**
     * Calls a method and waits; events that come meanwhile are kept.
     *
     * @throws Failure what the hub answered, or that it did not within the time
     * @throws EOFException when the hub went away
     */
    Map<?, ?> ask(String method, Map<String, ?> params, long timeoutMs) throws IOException {
        String id = send(method, params, timeoutMs);
        try (Watchdog dog = new Watchdog(wire, timeoutMs + 1000)) {
            while (true) {
                Map<?, ?> frame = read();
                if ("event".equals(frame.get("type"))) {
                    events.add(frame);
                } else if (id.equals(frame.get("id")) || "unknown".equals(frame.get("id"))) {
                    return payload(frame);
                }
            }
        } catch (AsynchronousCloseException e) {
            throw Failure.timeout("The hub did not answer " + method + " within " + timeoutMs / 1000
                    + " s; look into 'koshi logs', or restart it.");
        }
    }

    /**
     * The next event, waiting for it.
     *
     * @param timeoutMs how long, 0 for as long as it takes
     * @throws Failure when none came in time
     * @throws EOFException when the hub went away
     */
    Map<?, ?> event(long timeoutMs) throws IOException {
        if (!events.isEmpty()) {
            return events.poll();
        }
        try (Watchdog dog = new Watchdog(wire, timeoutMs)) {
            while (true) {
                Map<?, ?> frame = read();
                if ("event".equals(frame.get("type"))) {
                    return frame;
                }
            }
        } catch (AsynchronousCloseException e) {
            throw Failure.timeout("Nothing came from the hub in time; see 'koshi status' and 'koshi logs'.");
        }
    }

    @Override
    public void close() {
        try {
            wire.close();
        } catch (IOException alreadyGone) {
            events.clear();
        }
    }

    private String send(String method, Map<String, ?> params, long timeoutMs) throws IOException {
        String id = Integer.toString(++asked);
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "req");
        frame.put("id", id);
        frame.put("method", method);
        frame.put("params", params);
        frame.put("deadlineMs", timeoutMs);
        if (run != null) {
            frame.put("run", run);
        }
        wire.send(Cbor.write(frame));
        return id;
    }

    private static Map<?, ?> payload(Map<?, ?> frame) {
        if (Boolean.TRUE.equals(frame.get("ok"))) {
            return frame.get("payload") instanceof Map<?, ?> map ? map : Map.of();
        }
        throw Failure.of(frame.get("error") instanceof Map<?, ?> error ? error : Map.of());
    }

    private Map<?, ?> read() throws IOException {
        try {
            if (Cbor.read(wire.read()) instanceof Map<?, ?> frame) {
                return frame;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        throw new IOException("a frame that is no map");
    }
}
