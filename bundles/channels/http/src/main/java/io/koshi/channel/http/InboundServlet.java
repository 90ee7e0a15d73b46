package io.koshi.channel.http;

import io.koshi.api.Accepted;
import io.koshi.api.Address;
import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.HttpProblem;
import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Signature;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what the other side says: size, signature, sense, one commit, then 200. Thread-safe. */
final class InboundServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(InboundServlet.class);
    private static final int LONGEST_ID = 200;

    private final transient Inbox inbox;
    private final transient Codec codec;
    private final transient Signature signature;
    private final transient Duration limit;
    private final String channel;
    private final int maxBody;

    InboundServlet(Inbox inbox, Codec codec, Signature signature, String channel, int maxBody, Duration limit) {
        this.inbox = inbox;
        this.codec = codec;
        this.signature = signature;
        this.channel = channel;
        this.maxBody = maxBody;
        this.limit = limit;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getMethod().equals("POST")) {
            take(request, response);
        } else {
            response.setHeader("Allow", "POST");
            response.setStatus(405);
        }
    }

    private void take(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            CompletionStage<Accepted> accepted = inbox.acceptAsync(message(codec.lazyObject(verified(request))));
            AsyncContext exchange = request.startAsync();
            exchange.setTimeout(0); // the store ends every write, well or not
            accepted.whenComplete((done, failure) -> {
                try {
                    answer(response, done, failure);
                } finally {
                    exchange.complete();
                }
            });
        } catch (KoshiException e) {
            refuse(response, e);
        }
    }

    private byte[] verified(HttpServletRequest request) throws IOException {
        Body.refuseQueryToken(request.getQueryString());
        byte[] body = Body.read(request::getInputStream, maxBody, request.getContentLengthLong(), limit);
        if (!signature.verifies(request.getHeader(Outbound.SIGNATURE), Outbound.PREFIX, body)) {
            throw new KoshiException(
                    ErrorCode.UNAUTHORIZED,
                    Outbound.SIGNATURE + " is missing or wrong: both sides must have the same secret");
        }
        return body;
    }

    /** {@code {id?, from | conversation | to, sender?, text?, parts?}}; anything else is there to route on. */
    private Message message(Map<String, Object> said) {
        String conversation = text(said, "from")
                .or(() -> text(said, "conversation"))
                .or(() -> text(said, "to"))
                .orElseThrow(() -> KoshiException.invalid("/from", "say which conversation it is from"));
        Optional<String> id = text(said, "id");
        id.filter(one -> one.length() > LONGEST_ID).ifPresent(one -> {
            throw KoshiException.invalid("/id", "an id has at most " + LONGEST_ID + " characters");
        });
        return new Message(
                Address.of(channel, conversation),
                text(said, "sender").orElse(conversation),
                parts(said),
                said,
                id,
                Instant.now(),
                Message.PERSON,
                Trust.MEDIUM);
    }

    private static List<Part> parts(Map<String, Object> said) {
        List<Part> parts = new ArrayList<>();
        text(said, "text").map(Part::text).ifPresent(parts::add);
        if (parts.isEmpty() && said.get("parts") instanceof List<?> given) {
            given.forEach(one -> parts.add(part(one)));
        }
        if (parts.isEmpty()) {
            throw KoshiException.invalid("/text", "say something: text, or parts of type text");
        }
        return parts;
    }

    private static Part part(Object given) {
        if (given instanceof Map<?, ?> map
                && "text".equals(map.get("type"))
                && map.get("text") instanceof String text) {
            return Part.text(text);
        }
        throw KoshiException.invalid("/parts", "a part here is {\"type\":\"text\",\"text\":…}");
    }

    private static Optional<String> text(Map<String, Object> said, String name) {
        Object value = said.get(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String text) {
            return Optional.of(text).filter(one -> !one.isBlank());
        }
        throw KoshiException.invalid("/" + name, "write it as a string");
    }

    private void answer(HttpServletResponse response, Accepted accepted, Throwable failure) {
        try {
            if (failure == null) {
                write(
                        response,
                        "application/json",
                        ("{\"id\":\"" + accepted.id() + "\",\"duplicate\":" + accepted.duplicate() + "}")
                                .getBytes(StandardCharsets.ISO_8859_1));
            } else {
                refuse(response, reason(failure));
            }
        } catch (IOException e) {
            LOG.debug("The sender of a message did not wait for the answer: {}", e.getMessage());
        }
    }

    private static KoshiException reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof KoshiException known
                ? known
                : new KoshiException(ErrorCode.INTERNAL, "a message was not written: " + cause, cause);
    }

    private void refuse(HttpServletResponse response, KoshiException failure) throws IOException {
        HttpProblem problem = HttpProblem.ofRequest(failure);
        response.setStatus(problem.status());
        problem.retryAfterSeconds().ifPresent(wait -> response.setHeader("Retry-After", Long.toString(wait)));
        write(response, HttpProblem.MEDIA_TYPE, problem.json());
    }

    /** Into the response's buffer, which the end of the exchange sends: a slow reader holds no thread up. */
    private static void write(HttpServletResponse response, String type, byte[] json) throws IOException {
        response.setContentType(type);
        response.getOutputStream().write(json);
    }
}
