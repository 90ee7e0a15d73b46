package io.koshi.service.mcp;

import io.koshi.api.ErrorCode;
import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.http.EventStream;
import io.koshi.http.StreamedBody;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server over HTTP: each message is a POST, its answer is JSON or a stream of events that ends with it (MCP, transports,
 * streamable HTTP). Thread-safe.
 */
final class HttpWire implements Wire {
    private static final Logger LOG = LoggerFactory.getLogger(HttpWire.class);
    private static final String SESSION = "mcp-session-id";
    private static final Duration SHORT = Duration.ofSeconds(10);

    /** A server may begin the answer to a GET with its first message. */
    private static final Duration STREAM = Duration.ofHours(1);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private final String server;
    private final URI uri;
    private final Map<String, String> headers;
    private final Http http;
    private final Codec codec;
    private final Messages messages;
    private final Pools pools;
    private final Listener listener;
    private final AtomicLong ids = new AtomicLong();
    private volatile Optional<String> session = Optional.empty();
    private volatile Optional<String> version = Optional.empty();
    private volatile boolean closed;
    private volatile Duration pause = FIRST_PAUSE;
    private CompletableFuture<HttpResponse<Boolean>> stream; // guarded by this

    HttpWire(
            String server,
            URI uri,
            Map<String, String> headers,
            Http http,
            Codec codec,
            Pools pools,
            Listener listener) {
        this.server = server;
        this.uri = uri;
        this.headers = Map.copyOf(headers);
        this.http = http;
        this.codec = codec;
        this.messages = new Messages(codec);
        this.pools = pools;
        this.listener = listener;
    }

    @Override
    public Map<String, Object> request(String method, Map<String, Object> params, Duration limit)
            throws InterruptedException {
        long id = ids.incrementAndGet();
        long deadline = System.nanoTime() + limit.toNanos();
        HttpRequest request = to(messages.request(id, method, params), limit);
        try {
            HttpResponse<StreamedBody> response = http.send(request, info -> new StreamedBody());
            try (StreamedBody body = response.body()) {
                check(response);
                response.headers().firstValue(SESSION).ifPresent(name -> session = Optional.of(name));
                boolean events =
                        response.headers().firstValue("content-type").orElse("").startsWith("text/event-stream");
                return Messages.result(events ? fromEvents(body, id, deadline) : fromJson(body, id, deadline));
            }
        } catch (HttpTimeoutException | TimeoutException e) {
            throw new KoshiException(
                    ErrorCode.TIMEOUT, "server " + server + " did not answer within " + limit.toMillis() + " ms", e);
        } catch (IOException e) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, "server " + server + " cannot be reached at " + uri.getHost(), e);
        }
    }

    private HttpRequest to(byte[] message, Duration limit) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(limit);
        headers.forEach(request::setHeader);
        session.ifPresent(name -> request.setHeader(SESSION, name));
        version.ifPresent(name -> request.setHeader("mcp-protocol-version", name));
        return request.setHeader("content-type", "application/json")
                .setHeader("accept", "application/json, text/event-stream")
                .POST(BodyPublishers.ofByteArray(message))
                .build();
    }

    private void check(HttpResponse<?> response) {
        int status = response.statusCode();
        if (status == 404 && session.isPresent()) {
            closed = true; // the server has forgotten the session: begin anew
            throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "server " + server + " has ended the session");
        }
        if (status / 100 != 2) {
            String hint = status == 401 || status == 403 ? "; check mcp.servers." + server + ".headers" : "";
            throw new KoshiException(
                    status == 429 || status >= 500 ? ErrorCode.SERVICE_UNAVAILABLE : ErrorCode.METHOD_ERROR,
                    "server " + server + " answered HTTP " + status + hint);
        }
    }

    private Map<String, Object> fromJson(StreamedBody body, long id, long deadline)
            throws IOException, InterruptedException, TimeoutException {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        for (Optional<List<ByteBuffer>> piece = body.next(left(deadline));
                piece.isPresent();
                piece = body.next(left(deadline))) {
            for (ByteBuffer buffer : piece.get()) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                all.write(bytes, 0, bytes.length);
            }
            bounded(all.size());
        }
        Map<String, Object> message = parse(all.toByteArray());
        return answers(message, id).orElseThrow(() -> nonsense());
    }

    private Map<String, Object> fromEvents(StreamedBody body, long id, long deadline)
            throws IOException, InterruptedException, TimeoutException {
        List<Map<String, Object>> came = new ArrayList<>();
        EventStream events = new EventStream(
                MAX_MESSAGE, event -> came.add(parse(event.data().getBytes(StandardCharsets.UTF_8))));
        for (Optional<List<ByteBuffer>> piece = body.next(left(deadline));
                piece.isPresent();
                piece = body.next(left(deadline))) {
            try {
                piece.get().forEach(events::feed);
            } catch (IllegalStateException e) {
                throw nonsense();
            }
            for (Map<String, Object> message : came) {
                Optional<Map<String, Object>> answer = answers(message, id);
                if (answer.isPresent()) {
                    return answer.get();
                }
                aside(message);
            }
            came.clear();
        }
        throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "server " + server + " ended without an answer");
    }

    private static Optional<Map<String, Object>> answers(Map<String, Object> message, long id) {
        boolean ours = !message.containsKey("method") && message.get("id") instanceof Number n && n.longValue() == id;
        return ours ? Optional.of(message) : Optional.empty();
    }

    private void aside(Map<String, Object> message) {
        if (message.get("method") instanceof String method) {
            if (message.get("id") != null) {
                post(messages.answer(message));
            } else {
                listener.notified(method);
            }
        }
    }

    private Map<String, Object> parse(byte[] json) {
        try {
            return Json.object(codec.parseJson(json));
        } catch (KoshiException e) {
            throw nonsense();
        }
    }

    private void bounded(int size) {
        if (size > MAX_MESSAGE) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE, "server " + server + " says more than " + MAX_MESSAGE + " bytes at once");
        }
    }

    private KoshiException nonsense() {
        return new KoshiException(ErrorCode.METHOD_ERROR, "server " + server + " said what is no MCP message");
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
    }

    @Override
    public void notify(String method, Map<String, Object> params) {
        post(messages.notification(method, params));
    }

    private void post(byte[] message) {
        try {
            pools.work().execute(() -> {
                try {
                    http.send(to(message, SHORT), HttpResponse.BodyHandlers.discarding());
                } catch (IOException e) {
                    LOG.debug("MCP server {} was not told: {}", server, e.toString());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("MCP server {} was not told", server, e);
        }
    }

    @Override
    public void agreed(String protocolVersion) {
        version = Optional.of(protocolVersion);
        listen();
    }

    /** Hears what the server says unasked: a GET whose answer is a stream, where the server offers one. */
    private synchronized void listen() {
        if (closed) {
            return;
        }
        HttpRequest.Builder ask = HttpRequest.newBuilder(uri).timeout(STREAM);
        headers.forEach(ask::setHeader);
        session.ifPresent(name -> ask.setHeader(SESSION, name));
        version.ifPresent(name -> ask.setHeader("mcp-protocol-version", name));
        EventStream events =
                new EventStream(MAX_MESSAGE, event -> unasked(event.data().getBytes(StandardCharsets.UTF_8)));
        long begun = System.nanoTime();
        stream = http.sendAsync(
                ask.setHeader("accept", "text/event-stream").GET().build(), info -> {
                    boolean offered = info.statusCode() == 200
                            && info.headers()
                                    .firstValue("content-type")
                                    .orElse("")
                                    .startsWith("text/event-stream");
                    return offered
                            ? BodySubscribers.mapping(
                                    BodySubscribers.ofByteArrayConsumer(
                                            bytes -> bytes.ifPresent(some -> events.feed(ByteBuffer.wrap(some)))),
                                    end -> true)
                            : BodySubscribers.replacing(false);
                });
        stream.whenComplete((answer, failure) -> ended(answer, Duration.ofNanos(System.nanoTime() - begun)));
    }

    private void unasked(byte[] data) {
        try {
            aside(parse(data));
        } catch (KoshiException nonsense) {
            LOG.debug("MCP server {} said unasked what is no message", server);
        }
    }

    /** A stream that ended is opened again after a while; a server that has none is not asked again. */
    private void ended(HttpResponse<Boolean> answer, Duration lasted) {
        boolean none = answer != null && !answer.body() && answer.statusCode() / 100 != 5;
        if (closed || none) {
            return;
        }
        Duration longer = pause.multipliedBy(2);
        pause = lasted.compareTo(LONGEST_PAUSE) > 0
                ? FIRST_PAUSE
                : longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
        try {
            pools.timer()
                    .schedule(() -> pools.work().execute(this::listenAgain), pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("MCP server {} is not listened to any more", server);
        }
    }

    private void listenAgain() {
        listen();
        if (!closed) {
            listener.notified(McpServer.CHANGED); // it may have said so while nobody listened
        }
    }

    private synchronized void hangUp() {
        if (stream != null) {
            stream.cancel(true);
        }
    }

    @Override
    public boolean open() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
        hangUp();
        session.ifPresent(name -> {
            HttpRequest.Builder end = HttpRequest.newBuilder(uri).timeout(SHORT);
            headers.forEach(end::setHeader);
            http.sendAsync(end.setHeader(SESSION, name).DELETE().build(), HttpResponse.BodyHandlers.discarding());
        });
    }
}
