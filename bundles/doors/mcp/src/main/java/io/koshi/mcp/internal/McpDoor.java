package io.koshi.mcp.internal;

import io.koshi.api.Body;
import io.koshi.api.HttpProblem;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.auth.Auth;
import io.koshi.auth.Knock;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletAsyncSupported;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /mcp}: the Model Context Protocol over streamable HTTP (modelcontextprotocol.io, 2025-06-18, "Transports").
 * Messages come by POST and are answered there; a GET holds a stream of notices open; DELETE ends a session.
 * Thread-safe.
 */
@Component(name = "io.koshi.mcp", service = Servlet.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@HttpWhiteboardServletPattern("/mcp")
@HttpWhiteboardServletAsyncSupported
public final class McpDoor extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.mcp");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String SESSION = "Mcp-Session-Id";
    private static final String EVENTS = "text/event-stream";
    /** An id of ours for what was said to a request: its exchange's ticket and the place in it. */
    private static final Pattern PLACE = Pattern.compile("([0-9A-Z]{26})-([0-9]{1,9})");

    private static final int MOST_AT_ONCE = 100;
    private static final long MOST_NOTICES = 256 << 10;
    private static final int USUAL_BUFFER = 16 << 10;

    private final transient Auth auth;
    private final transient Codec codec;
    private final transient Settings settings;
    private final transient Pools pools;
    private final transient Guests guests;
    private final transient Protocol protocol;

    @Activate
    public McpDoor(
            BundleContext context,
            @Reference Registry registry,
            @Reference Auth auth,
            @Reference Codec codec,
            @Reference Settings settings,
            @Reference Events events,
            @Reference Pools pools,
            @Reference Guests guests) {
        this.auth = auth;
        this.codec = codec;
        this.settings = settings;
        this.pools = pools;
        this.guests = guests;
        this.protocol = new Protocol(
                registry,
                codec,
                settings,
                events,
                pools,
                guests,
                context.getBundle().getVersion());
    }

    @Override
    protected void service(HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        try {
            Caller caller =
                    auth.http(Knock.of(ask.getMethod(), ask.getQueryString(), ask.getRemoteAddr(), ask::getHeader));
            String version = ask.getHeader("MCP-Protocol-Version");
            if (version != null && !Protocol.VERSIONS.contains(version)) {
                throw KoshiException.invalid("", "this hub speaks " + String.join(" and ", Protocol.VERSIONS));
            }
            switch (ask.getMethod()) {
                case "POST" -> message(caller, ask, answer);
                case "GET" -> listen(caller, ask, answer);
                case "DELETE" -> {
                    guests.end(guest(caller, ask));
                    answer.setStatus(204);
                }
                default -> {
                    answer.setHeader("Allow", "POST, GET, DELETE");
                    write(answer, 405, HttpProblem.as(405, KoshiException.notFound("use POST, GET or DELETE")));
                }
            }
        } catch (KoshiException e) {
            refuse(answer, e);
        }
    }

    private void message(Caller caller, HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        long most = settings.config().gateway().maxFrame().bytes();
        byte[] body = Body.read(ask::getInputStream, most, ask.getContentLengthLong(), PATIENCE);
        Object data;
        try {
            data = codec.parseJson(body);
        } catch (KoshiException e) {
            json(answer, 400, new Fault(Fault.PARSE, e.getMessage()).answer(null), false);
            return;
        }
        try {
            if (data instanceof List<?> several) {
                batch(caller, several, ask, answer);
            } else {
                single(caller, Incoming.of(data), ask, answer);
            }
        } catch (Fault e) {
            json(answer, 400, e.answer(Incoming.idOf(data)), false);
        }
    }

    private void single(Caller caller, Incoming message, HttpServletRequest ask, HttpServletResponse answer)
            throws IOException {
        if ("initialize".equals(message.method()) && !message.notification()) {
            Guest guest = protocol.begin(caller, message);
            answer.setHeader(SESSION, guest.id());
            json(answer, 200, protocol.welcome(guest, message), streams(ask));
            return;
        }
        Guest guest = guest(caller, ask);
        if (message.notification()) {
            protocol.note(guest, message);
            answer.setStatus(202);
            return;
        }
        boolean hears = accepts(ask, EVENTS);
        Exchange exchange = protocol.answer(guest, caller, message, hears);
        if (hears && !exchange.done().isDone() && message.progressToken().isPresent()) {
            guest.keep(exchange);
            tell(guest, caller, exchange, 0, ask, answer);
        } else {
            later(ask, answer, exchange.done());
        }
    }

    /** Several at once, which 2025-03-26 had and no later version has. One that is wrong spoils no other. */
    private void batch(Caller caller, List<?> messages, HttpServletRequest ask, HttpServletResponse answer)
            throws IOException {
        Guest guest = guest(caller, ask);
        if (messages.isEmpty()
                || messages.size() > MOST_AT_ONCE
                || !guest.version().equals(Protocol.WITH_BATCHES)) {
            throw new Fault(Fault.INVALID_REQUEST, "send one message at a time");
        }
        List<CompletableFuture<Optional<byte[]>>> answers = new ArrayList<>();
        for (Object each : messages) {
            try {
                Incoming message = Incoming.of(each);
                if (message.notification()) {
                    protocol.note(guest, message);
                } else {
                    answers.add(protocol.answer(guest, caller, message, false).done());
                }
            } catch (Fault e) {
                answers.add(CompletableFuture.completedFuture(Optional.of(codec.json(e.answer(Incoming.idOf(each))))));
            }
        }
        later(
                ask,
                answer,
                CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                        .thenApply(all -> together(
                                answers.stream().map(CompletableFuture::join).toList())));
    }

    /** The answers as one list; nothing where there is none. */
    private static Optional<byte[]> together(List<Optional<byte[]>> answers) {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        for (Optional<byte[]> each : answers) {
            if (each.isPresent()) {
                list.write(list.size() == 0 ? '[' : ',');
                list.writeBytes(each.get());
            }
        }
        if (list.size() == 0) {
            return Optional.empty();
        }
        list.write(']');
        return Optional.of(list.toByteArray());
    }

    /** Answers when there is an answer; 202 where there will be none. */
    private void later(HttpServletRequest ask, HttpServletResponse answer, CompletableFuture<Optional<byte[]>> done)
            throws IOException {
        boolean stream = streams(ask);
        if (done.isDone()) {
            give(answer, done.join(), stream);
            return;
        }
        AsyncContext exchange = ask.startAsync();
        exchange.setTimeout(0); // every call ends at its deadline
        done.thenAccept(said -> {
            try {
                give(answer, said, stream);
            } catch (IOException gone) {
                LOG.debug("A client did not wait for its answer: {}", gone.getMessage());
            } finally {
                exchange.complete();
            }
        });
    }

    private static void give(HttpServletResponse answer, Optional<byte[]> said, boolean stream) throws IOException {
        if (said.isEmpty()) {
            answer.setStatus(202);
        } else if (stream) {
            write(answer, 200, EVENTS, SseStream.frame(said.get(), null));
        } else {
            write(answer, 200, "application/json", said.get());
        }
    }

    /**
     * Says what is said to a request on a stream of its own. A client that loses it asks for the rest by GET.
     *
     * @param since what it has already
     */
    private void tell(
            Guest guest, Caller caller, Exchange exchange, long since, HttpServletRequest ask, HttpServletResponse to)
            throws IOException {
        SseStream stream = SseStream.open(ask, to, Long.MAX_VALUE); // little waits: progress has a pace, and one answer
        Consumer<Exchange.Said> ear = said -> {
            if (said.json().length > 0) {
                stream.send(SseStream.frame(said.json(), exchange.ticket() + "-" + said.number()));
            }
            if (said.last()) {
                stream.finish();
            }
        };
        if (guest.knowsPlaces()) {
            stream.send(SseStream.place(exchange.ticket() + "-" + since));
        }
        guest.opens(stream);
        stream.watch(pools, auth, caller, () -> {
            exchange.deafen(ear);
            guest.closed(stream);
        });
        exchange.listen(since, ear);
    }

    private void listen(Caller caller, HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        Guest guest = guest(caller, ask);
        String since = ask.getHeader("Last-Event-ID");
        Matcher place = PLACE.matcher(since == null ? "" : since.strip());
        if (!accepts(ask, EVENTS)) {
            none(answer, "a GET accepts " + EVENTS);
        } else if (!place.matches()) {
            notices(guest, caller, since, ask, answer);
        } else {
            Optional<Exchange> exchange = guest.exchange(place.group(1));
            if (exchange.isPresent()) {
                tell(guest, caller, exchange.get(), Long.parseLong(place.group(2)), ask, answer);
            } else {
                none(answer, "nothing more is said on that stream");
            }
        }
    }

    /** 405, which tells a client that it need not ask again; 404 would end its session. */
    private static void none(HttpServletResponse answer, String why) throws IOException {
        answer.setHeader("Allow", "POST, DELETE");
        write(answer, 405, HttpProblem.as(405, KoshiException.notFound(why)));
    }

    private void notices(Guest guest, Caller caller, String since, HttpServletRequest ask, HttpServletResponse answer)
            throws IOException {
        SseStream stream = SseStream.open(ask, answer, MOST_NOTICES);
        Consumer<Guest.Notice> ear =
                notice -> stream.send(SseStream.frame(notice.json(), Long.toString(notice.number())));
        guest.opens(stream);
        stream.watch(pools, auth, caller, () -> {
            guest.deafen(ear);
            guest.closed(stream);
        });
        guest.listen(number(since), ear);
    }

    private static long number(String lastEventId) {
        try {
            return lastEventId == null ? -1 : Long.parseLong(lastEventId.strip());
        } catch (NumberFormatException notOurs) {
            return -1;
        }
    }

    /** @throws KoshiException NOT_FOUND (404, which has the client begin anew) or INVALID_PARAMS without a session */
    private Guest guest(Caller caller, HttpServletRequest ask) {
        String id = ask.getHeader(SESSION);
        if (id == null) {
            throw KoshiException.invalid("", "send the " + SESSION + " that initialize was answered with");
        }
        return guests.of(id, caller);
    }

    /** Whether only a stream will do. */
    private static boolean streams(HttpServletRequest ask) {
        return accepts(ask, EVENTS) && !accepts(ask, "application/json") && !accepts(ask, "*/*");
    }

    private static boolean accepts(HttpServletRequest ask, String type) {
        String accept = ask.getHeader("Accept");
        return accept != null && accept.contains(type);
    }

    private void json(HttpServletResponse answer, int status, Object message, boolean stream) throws IOException {
        byte[] json = codec.json(message);
        if (stream) {
            write(answer, status, EVENTS, SseStream.frame(json, null));
        } else {
            write(answer, status, "application/json", json);
        }
    }

    private static void refuse(HttpServletResponse answer, KoshiException failure) throws IOException {
        HttpProblem problem = HttpProblem.ofRequest(failure);
        if (problem.status() == 401) {
            answer.setHeader("WWW-Authenticate", "Bearer");
        }
        write(answer, problem.status(), problem);
    }

    private static void write(HttpServletResponse answer, int status, HttpProblem problem) throws IOException {
        problem.retryAfterSeconds().ifPresent(wait -> answer.setHeader("Retry-After", Long.toString(wait)));
        write(answer, status, HttpProblem.MEDIA_TYPE, problem.json());
    }

    /** Into the response's buffer, made large enough: the end of the exchange sends it, and nobody waits for that. */
    private static void write(HttpServletResponse answer, int status, String type, byte[] body) throws IOException {
        answer.setStatus(status);
        answer.setContentType(type);
        answer.setHeader("Cache-Control", "no-store");
        answer.setHeader("X-Content-Type-Options", "nosniff");
        if (body.length > USUAL_BUFFER) {
            answer.setBufferSize(body.length);
        }
        answer.setContentLength(body.length);
        answer.getOutputStream().write(body);
    }
}
