package io.koshi.ksi.internal;

import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.event.Events;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The older daemon's paths on a port of their own, on this machine only; a page in a browser is refused. Thread-safe. */
final class KsiServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.ksi");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST_THREADS = 16;
    private static final int IDLE_MS = 5_000;

    private final Commands commands;
    private final Codec codec;
    private final long mostBytes;
    private final Server server;
    private final ServerConnector connector;

    KsiServer(int port, Commands commands, Events events, Codec codec, long mostBytes) throws Exception {
        this.commands = commands;
        this.codec = codec;
        this.mostBytes = mostBytes;
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 2, IDLE_MS);
        threads.setMaxEvictCount(MOST_THREADS); // all that are idle, not one of them each time
        threads.setName("koshi-ksi");
        this.server = new Server(threads);
        this.connector = new ServerConnector(server, 1, 1);
        connector
                .getConnectionFactory(HttpConnectionFactory.class)
                .getHttpConfiguration()
                .setSendServerVersion(false);
        connector.setHost("127.0.0.1");
        connector.setPort(port);
        server.addConnector(connector);
        WebSocketUpgradeHandler sockets = WebSocketUpgradeHandler.from(server, container -> {
            container.setMaxTextMessageSize(64 << 10);
            container.addMapping(
                    "/ws", (ask, answer, callback) -> new EventStream(events, codec, connector.getScheduler()));
        });
        sockets.setHandler(new Paths());
        server.setHandler(new Guard(sockets));
        try {
            server.start();
            new SlowHeads(connector).run();
        } catch (Exception e) {
            server.stop();
            throw e;
        }
    }

    int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }

    /** No page in a browser has business here, whatever name it gave this machine. */
    private final class Guard extends Handler.Wrapper {
        Guard(Handler inner) {
            super(inner);
        }

        @Override
        public boolean handle(Request ask, Response answer, Callback callback) throws Exception {
            String host = ask.getHeaders().get(HttpHeader.HOST);
            boolean strange = host == null || !host.matches("(?i)(localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1])(:\\d+)?");
            if (strange || ask.getHeaders().contains(HttpHeader.ORIGIN)) {
                write(ask, answer, callback, 403, Map.of("detail", "browsers are refused here"));
                return true;
            }
            return super.handle(ask, answer, callback);
        }
    }

    private final class Paths extends Handler.Abstract {
        @Override
        public boolean handle(Request ask, Response answer, Callback callback) {
            int status = 200;
            Object body;
            try {
                body = answer(ask, answer);
            } catch (Plain plain) {
                status = plain.status;
                body = Map.of("detail", plain.getMessage());
            } catch (Invalid invalid) {
                status = 422;
                body = invalid.body();
            } catch (IOException gone) {
                LOG.debug("A client went while it sent: {}", gone.toString());
                callback.failed(gone);
                return true;
            } catch (RuntimeException e) {
                LOG.error("A request failed inside the hub", e);
                status = 500;
                Map<String, Object> error = new LinkedHashMap<>();
                error.put("error", "Internal server error");
                error.put("detail", null);
                error.put("timestamp", Commands.now());
                body = error;
            }
            write(ask, answer, callback, status, body);
            return true;
        }
    }

    /** An answer that is no success. */
    private static final class Plain extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int status;

        Plain(int status, String detail) {
            super(detail, null, false, false);
            this.status = status;
        }
    }

    private Object answer(Request ask, Response answer) throws IOException {
        String path = Request.getPathInContext(ask);
        String method = ask.getMethod();
        String wanted = switch (path) {
            case "/api/v1/spawn", "/api/v1/agents/register" -> "POST";
            case "/api/v1/agents", "/api/v1/status", "/health", "/openapi.json" -> "GET";
            default -> throw new Plain(404, "Not Found");
        };
        if (!method.equals(wanted)) {
            answer.getHeaders().put(HttpHeader.ALLOW, wanted);
            throw new Plain(405, "Method Not Allowed");
        }
        return switch (path) {
            case "/api/v1/spawn" -> commands.spawn(body(ask));
            case "/api/v1/agents/register" -> commands.register(body(ask));
            case "/api/v1/agents" -> commands.agents();
            case "/api/v1/status" -> commands.status();
            case "/openapi.json" -> Models.document();
            default -> commands.health();
        };
    }

    private Object body(Request ask) throws IOException {
        byte[] bytes;
        try {
            bytes = Body.read(Content.Source.asInputStream(ask), mostBytes, ask.getLength(), PATIENCE);
        } catch (KoshiException e) {
            throw new Plain(e.code() == ErrorCode.TIMEOUT ? 408 : e.code().httpStatus(), e.getMessage());
        }
        if (bytes.length == 0) {
            throw new Invalid(List.of(Invalid.problem(List.of("body"), "field required", "value_error.missing")));
        }
        try {
            return PythonJson.parse(new String(bytes, StandardCharsets.UTF_8));
        } catch (Malformed e) {
            throw Invalid.json(e.getMessage());
        }
    }

    private void write(Request ask, Response answer, Callback callback, int status, Object body) {
        answer.setStatus(status);
        answer.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        byte[] json = codec.json(body);
        answer.getHeaders().put(HttpHeader.CONTENT_LENGTH, json.length);
        answer.write(true, ByteBuffer.wrap(json), Remainder.before(ask, callback));
    }
}
