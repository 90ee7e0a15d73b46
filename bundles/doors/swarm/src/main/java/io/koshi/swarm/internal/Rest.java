package io.koshi.swarm.internal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The older REST: POST and GET {@code /tasks}, GET {@code /stats}, with the texts of FastAPI under pydantic 1; and POST
 * {@code /mcp}, its tools. Thread-safe.
 */
final class Rest implements AutoCloseable {
    private static final int MOST = 8 << 20;
    private static final long MOST_THROWN_AWAY = 32L << 20;
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final Object NOTHING = new Object();
    private static final Logger LOG = LoggerFactory.getLogger(Rest.class);

    private final Hub hub;
    private final SwarmSettings settings;
    private final Codec codec;
    private final HttpServer server;
    private final McpTools tools;

    Rest(SwarmSettings settings, Hub hub, Codec codec, Pools pools) throws IOException {
        this.hub = hub;
        this.settings = settings;
        this.codec = codec;
        this.tools = new McpTools(hub, codec);
        this.server = HttpServer.create(
                new InetSocketAddress(
                        InetAddress.getByName(settings.host()), settings.rest().orElseThrow()),
                64);
        server.setExecutor(pools.work());
        server.createContext("/", this::serve);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /** An answer that is no success. */
    private static final class Status extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final int code;
        private final transient Object detail;

        Status(int code, Object detail) {
            super(null, null, false, false);
            this.code = code;
            this.detail = detail;
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        int code = 200;
        Object body;
        try {
            body = answer(exchange);
        } catch (Status status) {
            code = status.code;
            body = Map.of("detail", status.detail);
        } catch (CompletionException | KoshiException | Refusal e) {
            code = 500;
            body = Map.of("detail", Answers.text(e));
        } catch (RuntimeException e) {
            LOG.error("A request failed inside the hub", e);
            code = 500;
            body = Map.of("detail", "internal error; see the hub's log");
        }
        throwAway(exchange.getRequestBody());
        if (body == NOTHING) {
            exchange.sendResponseHeaders(202, -1);
            exchange.close();
            return;
        }
        byte[] json = codec.json(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, json.length);
        try (var out = exchange.getResponseBody()) {
            out.write(json);
        }
    }

    /** What is left of a refused body: closing on it resets the connection, and the answer may be lost with that. */
    private static void throwAway(InputStream body) throws IOException {
        long begun = System.nanoTime();
        byte[] chunk = new byte[8 << 10];
        long bytes = 0;
        while (bytes < MOST_THROWN_AWAY && System.nanoTime() - begun < LONGEST.toNanos()) {
            int read = body.read(chunk);
            if (read < 0) {
                return;
            }
            bytes += read;
        }
    }

    private Object answer(HttpExchange exchange) throws IOException {
        guard(exchange);
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        boolean tasks = path.equals("/tasks");
        if (path.equals("/mcp")) {
            return mcp(exchange, method);
        }
        if (!tasks && !path.equals("/stats")) {
            throw new Status(404, "Not Found");
        }
        if (!method.equals("GET") && !(tasks && method.equals("POST"))) {
            exchange.getResponseHeaders().set("Allow", "GET");
            throw new Status(405, "Method Not Allowed");
        }
        Caller caller = Listener.caller();
        if (method.equals("POST")) {
            Map<String, Object> task = body(exchange);
            admit(exchange);
            return hub.enqueue(caller, null, new Params(task))
                    .toCompletableFuture()
                    .join();
        }
        Map<String, Object> query = tasks ? query(exchange) : Map.of();
        admit(exchange);
        return tasks
                ? hub.list(caller, new Params(query)).toCompletableFuture().join()
                : Map.of("stats", hub.stats(caller).toCompletableFuture().join());
    }

    private Object mcp(HttpExchange exchange, String method) throws IOException {
        if (!method.equals("POST")) {
            exchange.getResponseHeaders().set("Allow", "POST");
            throw new Status(405, "Method Not Allowed");
        }
        admit(exchange);
        Object message;
        try {
            message = PythonJson.parse(Utf8.text(bytes(exchange)));
        } catch (Refusal e) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("jsonrpc", "2.0");
            answer.put("id", null);
            answer.put("error", Map.of("code", -32700, "message", e.getMessage()));
            return answer;
        }
        return tools.answer(Listener.caller(), message)
                .<Object>map(answer -> answer)
                .orElse(NOTHING);
    }

    /** No page in a browser has business here, whatever name it gave this machine. */
    private void guard(HttpExchange exchange) {
        String host = exchange.getRequestHeaders().getFirst("Host");
        boolean strange = settings.loopback()
                && (host == null || !host.matches("(?i)(localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1])(:\\d+)?"));
        if (exchange.getRequestHeaders().containsKey("Origin") || strange) {
            throw new Status(403, "browsers are refused here");
        }
    }

    private void admit(HttpExchange exchange) {
        try {
            hub.admit(Optional.ofNullable(exchange.getRequestHeaders().getFirst("x-kiro-key")));
        } catch (Refusal wrong) {
            throw new Status(403, wrong.getMessage());
        }
    }

    private static byte[] bytes(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(MOST + 1);
        if (bytes.length > MOST) {
            throw new Status(413, "a body has at most " + MOST + " bytes");
        }
        return bytes;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> body(HttpExchange exchange) throws IOException {
        byte[] bytes = bytes(exchange);
        if (bytes.length == 0) {
            throw invalid(List.of("body"), "field required", "value_error.missing");
        }
        Object parsed;
        try {
            parsed = PythonJson.parse(Utf8.text(bytes));
        } catch (Refusal e) {
            throw malformed(e.getMessage());
        }
        if (!(parsed instanceof Map)) {
            throw invalid(List.of("body"), "value is not a valid dict", "type_error.dict");
        }
        Map<String, Object> task = new LinkedHashMap<>((Map<String, Object>) parsed);
        if (!task.containsKey("prompt")) {
            throw invalid(List.of("body", "prompt"), "field required", "value_error.missing");
        }
        for (String key : List.of("prompt", "system_prompt", "type")) {
            Object value = task.get(key);
            if (value == null && key.equals("prompt")) {
                throw invalid(List.of("body", key), "none is not an allowed value", "type_error.none.not_allowed");
            }
            if (value instanceof Map || value instanceof List) {
                throw invalid(List.of("body", key), "str type expected", "type_error.str");
            }
        }
        return task;
    }

    private static Status malformed(String text) {
        if (!text.endsWith(")")) { // no JSON at all, or too deep
            return new Status(400, "There was an error parsing the body");
        }
        int colon = text.lastIndexOf(": line ");
        long position = Long.parseLong(text.replaceAll("(?s).*\\(char (\\d+)\\)$", "$1"));
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("loc", List.of("body", position));
        problem.put("msg", text);
        problem.put("type", "value_error.jsondecode");
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("msg", colon < 0 ? text : text.substring(0, colon));
        context.put("pos", position);
        problem.put("ctx", context);
        return new Status(422, List.of(problem));
    }

    private static Status invalid(List<String> where, String message, String type) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("loc", where);
        problem.put("msg", message);
        problem.put("type", type);
        return new Status(422, List.of(problem));
    }

    private static Map<String, Object> query(HttpExchange exchange) {
        Map<String, Object> query = new LinkedHashMap<>();
        String raw = exchange.getRequestURI().getRawQuery();
        for (String pair : (raw == null ? "" : raw).split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(
                        URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        if (query.get("limit") instanceof String limit) {
            if (!limit.strip().matches("[-+]?\\d{1,18}")) {
                throw invalid(List.of("query", "limit"), "value is not a valid integer", "type_error.integer");
            }
            query.put("limit", Long.parseLong(limit.strip()));
        }
        return query;
    }
}
