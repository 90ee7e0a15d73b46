package io.koshi.listener.webhook;

import io.koshi.api.Accepted;
import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.HttpProblem;
import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a request to a route: its size, then who sent it, then what it says, then one commit, then 200.
 * Thread-safe.
 */
final class WebhookServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(WebhookServlet.class);

    private final transient Inbox inbox;
    private final transient Incoming incoming;
    private final transient Map<String, Route> routes;
    private final transient Duration limit;
    private final int maxBody;

    /** @param routes by the path they answer at */
    WebhookServlet(Inbox inbox, Incoming incoming, Map<String, Route> routes, int maxBody, Duration limit) {
        this.inbox = inbox;
        this.incoming = incoming;
        this.routes = Map.copyOf(routes);
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
            CompletionStage<Accepted> accepted = inbox.acceptAsync(message(route(request), request));
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

    private Route route(HttpServletRequest request) {
        Route route = routes.get(request.getServletPath());
        if (route == null || (route.verify() == Verify.NONE && !isLoopback(request.getLocalAddr()))) {
            throw KoshiException.notFound("there is no such route here");
        }
        if (route.verify() == Verify.NONE) {
            LocalOnly.check(request.getHeader("Host"), request.getHeader("Origin"));
        }
        return route;
    }

    private Message message(Route route, HttpServletRequest request) throws IOException {
        Body.refuseQueryToken(request.getQueryString());
        String credential = route.header().isEmpty() ? null : request.getHeader(route.header());
        route.checkBearer(credential);
        byte[] body = Body.read(request::getInputStream, maxBody, request.getContentLengthLong(), limit);
        route.checkSignature(credential, body);
        Optional<String> id =
                route.externalId(route.idHeader().map(request::getHeader).orElse(null));
        return incoming.message(route, id, request.getContentType(), body);
    }

    /** Whether the connection came in on an address that only this machine reaches. */
    static boolean isLoopback(String address) {
        return address != null
                && (address.startsWith("127.")
                        || address.equals("::1")
                        || address.equals("[::1]")
                        || address.equals("0:0:0:0:0:0:0:1")
                        || address.equals("[0:0:0:0:0:0:0:1]"));
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
            LOG.debug("The sender of a webhook did not wait for the answer: {}", e.getMessage());
        }
    }

    private static KoshiException reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof KoshiException known
                ? known
                : new KoshiException(ErrorCode.INTERNAL, "a webhook was not written: " + cause, cause);
    }

    private void refuse(HttpServletResponse response, KoshiException failure) throws IOException {
        HttpProblem problem = HttpProblem.ofRequest(failure);
        if (problem.status() >= 500) {
            LOG.warn("A webhook was not taken: {}", failure.getMessage());
        }
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
