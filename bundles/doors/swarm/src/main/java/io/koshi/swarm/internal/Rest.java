package io.koshi.swarm.internal;

import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The older REST: POST and GET {@code /tasks}, GET {@code /stats}, with the texts of FastAPI under pydantic 1; and POST
 * {@code /mcp}, its tools. Thread-safe.
 */
final class Rest implements AutoCloseable {
    private static final int MOST = 8 << 20;
    private static final int MOST_THREADS = 16;
    private static final int IDLE_MS = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Object NOTHING = new Object();
    private static final Logger LOG = LoggerFactory.getLogger(Rest.class);

    private final Hub hub;
    private final SwarmSettings settings;
    private final Codec codec;
    private final McpTools tools;
    private final Server server;
    private final ServerConnector connector;

    /** @throws IOException when the port cannot be opened */
    Rest(SwarmSettings settings, Hub hub, Codec codec) throws IOException {
        this.hub = hub;
        this.settings = settings;
        this.codec = codec;
        this.tools = new McpTools(hub, codec);
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 2, IDLE_MS);
        threads.setMaxEvictCount(MOST_THREADS); // all that are idle, not one of them each time
        threads.setName("koshi-swarm-rest");
        this.server = new Server(threads);
        this.connector = new ServerConnector(server, 1, 1);
        connector
                .getConnectionFactory(HttpConnectionFactory.class)
                .getHttpConfiguration()
                .setSendServerVersion(false);
        connector.setHost(settings.host());
        connector.setPort(settings.rest().orElseThrow());
        server.addConnector(connector);
        server.setHandler(new Paths());
        try {
            server.start();
        } catch (Exception e) {
            close();
            throw e instanceof IOException failed ? failed : new IOException(e);
        }
        new SlowHeads(connector).run();
    }

    int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            LOG.warn("The older REST's port did not close cleanly: {}", e.getMessage());
        }
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

    private final class Paths extends Handler.Abstract {
        @Override
        public boolean handle(Request ask, Response answer, Callback callback) {
            Object body;
            try {
                body = answer(ask, answer);
                answer.setStatus(body == NOTHING ? 202 : 200);
            } catch (Status status) {
                answer.setStatus(status.code);
                body = Map.of("detail", status.detail);
            } catch (CompletionException | KoshiException | Refusal e) {
                answer.setStatus(500);
                body = Map.of("detail", Answers.text(e));
            } catch (IOException gone) {
                LOG.debug("A client went while it sent: {}", gone.toString());
                callback.failed(gone);
                return true;
            } catch (RuntimeException e) {
                LOG.error("A request failed inside the hub", e);
                answer.setStatus(500);
                body = Map.of("detail", "internal error; see the hub's log");
            }
            if (body == NOTHING) {
                callback.succeeded();
                return true;
            }
            byte[] json = codec.json(body);
            answer.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
            answer.getHeaders().put(HttpHeader.CONTENT_LENGTH, json.length);
            answer.write(true, ByteBuffer.wrap(json), Remainder.before(ask, callback));
            return true;
        }
    }

    private Object answer(Request ask, Response answer) throws IOException {
        guard(ask);
        String path = Request.getPathInContext(ask);
        String method = ask.getMethod();
        boolean tasks = path.equals("/tasks");
        if (path.equals("/mcp")) {
            return mcp(ask, answer, method);
        }
        if (!tasks && !path.equals("/stats")) {
            throw new Status(404, "Not Found");
        }
        if (!method.equals("GET") && !(tasks && method.equals("POST"))) {
            answer.getHeaders().put(HttpHeader.ALLOW, "GET");
            throw new Status(405, "Method Not Allowed");
        }
        Caller caller = Listener.caller();
        if (method.equals("POST")) {
            Map<String, Object> task = body(ask);
            admit(ask);
            return hub.enqueue(caller, null, new Params(task))
                    .toCompletableFuture()
                    .join();
        }
        Map<String, Object> query = tasks ? query(ask) : Map.of();
        admit(ask);
        return tasks
                ? hub.list(caller, new Params(query)).toCompletableFuture().join()
                : Map.of("stats", hub.stats(caller).toCompletableFuture().join());
    }

    private Object mcp(Request ask, Response answer, String method) throws IOException {
        if (!method.equals("POST")) {
            answer.getHeaders().put(HttpHeader.ALLOW, "POST");
            throw new Status(405, "Method Not Allowed");
        }
        admit(ask);
        Object message;
        try {
            message = PythonJson.parse(Utf8.text(bytes(ask)));
        } catch (Refusal e) {
            Map<String, Object> fault = new LinkedHashMap<>();
            fault.put("jsonrpc", "2.0");
            fault.put("id", null);
            fault.put("error", Map.of("code", -32700, "message", e.getMessage()));
            return fault;
        }
        return tools.answer(Listener.caller(), message)
                .<Object>map(said -> said)
                .orElse(NOTHING);
    }

    /** No page in a browser has business here, whatever name it gave this machine. */
    private void guard(Request ask) {
        String host = ask.getHeaders().get(HttpHeader.HOST);
        boolean strange = settings.loopback()
                && (host == null || !host.matches("(?i)(localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1])(:\\d+)?"));
        if (ask.getHeaders().contains(HttpHeader.ORIGIN) || strange) {
            throw new Status(403, "browsers are refused here");
        }
    }

    private void admit(Request ask) {
        try {
            hub.admit(Optional.ofNullable(ask.getHeaders().get("x-kiro-key")));
        } catch (Refusal wrong) {
            throw new Status(403, wrong.getMessage());
        }
    }

    private static byte[] bytes(Request ask) throws IOException {
        try {
            return Body.read(Content.Source.asInputStream(ask), MOST, ask.getLength(), PATIENCE);
        } catch (KoshiException e) {
            throw new Status(e.code() == ErrorCode.TIMEOUT ? 408 : e.code().httpStatus(), e.getMessage());
        }
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> body(Request ask) throws IOException {
        byte[] bytes = bytes(ask);
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

    /** As Python's unquote: what is no escape stays as it stands. */
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static Map<String, Object> query(Request ask) {
        Map<String, Object> query = new LinkedHashMap<>();
        String raw = ask.getHttpURI().getQuery();
        for (String pair : (raw == null ? "" : raw).split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
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
