package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.client.Cbor;
import io.koshi.client.SocketWire;
import io.koshi.client.Wire;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code koshi mcp}: hands the messages of an MCP client on standard input to the hub and its answers back, a line each
 * (modelcontextprotocol.io, 2025-06-18, "stdio"). Knows nothing of what they say. One thread reads the client, one the
 * hub.
 */
final class Mcp {
    private static final String LISTEN = "listen";
    private static final String ABOUT = "about:";
    private static final long DEADLINE_MS = 600_000;
    private static final long LISTEN_MS = 3_600_000;

    private final Invocation call;
    private final Wire wire;
    private final Map<String, Boolean> open = new ConcurrentHashMap<>();
    private volatile String session;
    private volatile boolean over;
    private int asked;

    private Mcp(Invocation call, Wire wire) {
        this.call = call;
        this.wire = wire;
    }

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        call.reach().close(); // starts the hub where that is needed
        try (Wire wire = SocketWire.open(call.place().socket())) {
            return new Mcp(call, wire).serve();
        }
    }

    private int serve() throws IOException, InterruptedException {
        Thread client = new Thread(this::hearClient, "koshi-mcp-client");
        client.setDaemon(true);
        client.start();
        try {
            while (!over || !open.isEmpty()) {
                hear((Map<?, ?>) Cbor.read(wire.read()));
            }
            return 0;
        } catch (EOFException e) {
            if (over) {
                return 0;
            }
            throw call.gone();
        }
    }

    private void hearClient() {
        try {
            BufferedReader lines = new BufferedReader(new InputStreamReader(call.in(), UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    Map<String, Object> params = new LinkedHashMap<>();
                    if (session != null) {
                        params.put("session", session);
                    }
                    params.put("message", line);
                    send("mcp.exchange", params, DEADLINE_MS, Integer.toString(++asked));
                }
            }
        } catch (IOException e) {
            call.err().println("Reading the client failed: " + e.getMessage());
        }
        over = true;
        try {
            // answered at once, so that the other thread sees that it is over
            send("hub.health", Map.of(), DEADLINE_MS, "last");
        } catch (IOException gone) {
            call.err().println("The hub is gone: " + gone.getMessage());
        }
    }

    private void hear(Map<?, ?> frame) throws IOException {
        Object id = frame.get("id");
        if (!"res".equals(frame.get("type")) || !(id instanceof String)) {
            return;
        }
        open.remove(id);
        boolean ok = Boolean.TRUE.equals(frame.get("ok"));
        boolean again =
                ok || "TIMEOUT".equals(frame.get("error") instanceof Map<?, ?> error ? error.get("code") : null);
        Map<?, ?> payload = frame.get("payload") instanceof Map<?, ?> map ? map : Map.of();
        if (payload.get("messages") instanceof Iterable<?> messages) {
            messages.forEach(call.out()::println);
        }
        if (LISTEN.equals(id)) {
            if (again) {
                listen();
            }
            return;
        }
        if (((String) id).startsWith(ABOUT) && again) {
            if (!Boolean.TRUE.equals(payload.get("over"))) {
                listenTo(((String) id).substring(ABOUT.length()));
            }
            return;
        }
        if (!ok) {
            call.err().println(Json.write(frame.get("error")));
        }
        boolean began = payload.get("session") instanceof String;
        if (began) {
            session = (String) payload.get("session"); // before the client can go on
        }
        if (payload.get("answer") instanceof String answer) {
            call.out().println(answer);
        }
        if (payload.get("about") instanceof String request) {
            listenTo(request);
        }
        if (began) {
            listen();
        }
    }

    /** One call waits for what the client is told; it does not keep the bridge from ending. */
    private void listen() throws IOException {
        if (!over) {
            send("mcp.listen", Map.of("session", session), LISTEN_MS, LISTEN);
            open.remove(LISTEN);
        }
    }

    /** What is said to one request, its answer the last; the bridge does not end before. */
    private void listenTo(String request) throws IOException {
        send("mcp.listen", Map.of("session", session, "about", request), LISTEN_MS, ABOUT + request);
    }

    private void send(String method, Map<String, ?> params, long deadlineMs, String id) throws IOException {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "req");
        frame.put("id", id);
        frame.put("method", method);
        frame.put("params", params);
        frame.put("deadlineMs", deadlineMs);
        if (call.run() != null) {
            frame.put("run", call.run());
        }
        open.put(id, true);
        wire.send(Cbor.write(frame));
    }
}
