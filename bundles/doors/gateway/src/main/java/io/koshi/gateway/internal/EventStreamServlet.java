package io.koshi.gateway.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.auth.Knock;
import io.koshi.codec.Codec;
import io.koshi.event.Events;
import io.koshi.rpc.Caller;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code /events}: event frames as Server-Sent Events (HTML standard, 9.2). The id of each is {@code epoch:seq}; a client
 * that comes back with it as Last-Event-ID goes on there. Thread-safe.
 */
final class EventStreamServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final int MOST = 1000;

    private final transient Peers peers;
    private final transient Codec codec;
    private final transient Events events;
    private final transient Set<EventStream> open = ConcurrentHashMap.newKeySet();

    EventStreamServlet(Peers peers, Codec codec, Events events) {
        this.peers = peers;
        this.codec = codec;
        this.events = events;
    }

    @Override
    public void destroy() {
        open.forEach(stream -> stream.close(Peer.GONE_AWAY, "The hub stops."));
    }

    @Override
    protected void service(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        if (ask.getMethod().equals("GET")) {
            listen(ask, answer);
        } else { // a HEAD too: it would hold a stream open of which nothing is ever sent
            answer.setHeader("Allow", "GET");
            answer.setStatus(405);
        }
    }

    private void listen(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        try {
            Caller caller =
                    peers.admit(Knock.of(ask.getMethod(), ask.getQueryString(), ask.getRemoteAddr(), ask::getHeader));
            if (open.size() >= MOST) {
                throw new KoshiException(ErrorCode.OVERLOADED, "There are " + MOST + " event streams already.");
            }
            Map<String, Object> params = new LinkedHashMap<>();
            params.put("topics", topics(ask.getParameterValues("topics")));
            since(ask).ifPresent(since -> params.put("since", since));
            answer.setContentType("text/event-stream;charset=utf-8");
            answer.setHeader("Cache-Control", "no-store");
            answer.setHeader("X-Accel-Buffering", "no"); // proxies would hold events back
            answer.setHeader("X-Content-Type-Options", "nosniff");
            AsyncContext context = ask.startAsync(ask, answer);
            context.setTimeout(0);
            EventStream stream = new EventStream(context, events.epoch(), codec, open::remove);
            Optional<KoshiException> refused = stream.begin(peers, caller, params);
            if (refused.isPresent()) {
                answer.reset();
                UpgradeServlet.refuse(answer, refused.get());
                context.complete();
                return;
            }
            open.add(stream);
            stream.start();
        } catch (KoshiException refused) {
            UpgradeServlet.refuse(answer, refused);
        }
    }

    /** {@code ?topics=run.*&topics=task.done} or {@code ?topics=run.*,task.done}; all where there is none. */
    private static List<String> topics(String[] values) {
        if (values == null) {
            return List.of("*");
        }
        return Arrays.stream(values)
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(String::strip)
                .filter(topic -> !topic.isEmpty())
                .toList();
    }

    /** @throws KoshiException INVALID_PARAMS for an id that was not given here */
    private static Optional<Map<String, Object>> since(HttpServletRequest ask) {
        String id = ask.getHeader("Last-Event-ID");
        if (id == null || id.isBlank()) {
            return Optional.empty();
        }
        int colon = id.lastIndexOf(':');
        try {
            Map<String, Object> since = new LinkedHashMap<>();
            since.put("epoch", id.substring(0, Math.max(0, colon)));
            since.put("seq", Long.parseLong(id.substring(colon + 1).strip()));
            return Optional.of(since);
        } catch (NumberFormatException e) {
            throw KoshiException.invalid("/Last-Event-ID", "is the id of an event, as it came: epoch:seq");
        }
    }
}
