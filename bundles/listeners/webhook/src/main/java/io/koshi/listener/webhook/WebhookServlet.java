package io.koshi.listener.webhook;

import io.koshi.api.Accepted;
import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.HttpProblem;
import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            answer(response, accept(route(request), request));
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

    private Accepted accept(Route route, HttpServletRequest request) throws IOException {
        Body.refuseQueryToken(request.getQueryString());
        String credential = route.header().isEmpty() ? null : request.getHeader(route.header());
        route.checkBearer(credential);
        byte[] body = Body.read(request.getInputStream(), maxBody, request.getContentLengthLong(), limit);
        route.checkSignature(credential, body);
        Optional<String> id =
                route.externalId(route.idHeader().map(request::getHeader).orElse(null));
        return inbox.accept(incoming.message(route, id, request.getContentType(), body));
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

    private static void answer(HttpServletResponse response, Accepted accepted) throws IOException {
        write(
                response,
                "application/json",
                ("{\"id\":\"" + accepted.id() + "\",\"duplicate\":" + accepted.duplicate() + "}")
                        .getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void refuse(HttpServletResponse response, KoshiException failure) throws IOException {
        HttpProblem problem = HttpProblem.ofRequest(failure);
        if (problem.status() >= 500) {
            LOG.warn("A webhook was not taken: {}", failure.getMessage());
        }
        response.setStatus(problem.status());
        if (failure.code() == ErrorCode.TOO_LARGE || failure.code() == ErrorCode.TIMEOUT) {
            response.setHeader("Connection", "close"); // the rest of the body is not waited for
        }
        problem.retryAfterSeconds().ifPresent(wait -> response.setHeader("Retry-After", Long.toString(wait)));
        write(response, HttpProblem.MEDIA_TYPE, problem.json());
    }

    private static void write(HttpServletResponse response, String type, byte[] json) throws IOException {
        response.setContentType(type);
        response.setContentLength(json.length);
        response.getOutputStream().write(json);
    }
}
