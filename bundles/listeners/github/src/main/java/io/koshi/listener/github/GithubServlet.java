package io.koshi.listener.github;

import io.koshi.api.Accepted;
import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.HttpProblem;
import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Signature;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a delivery: its size, then its signature over the raw bytes, then what it says, then one commit,
 * then 200. A delivery that came before gets 200 as well and has no effect. No thread waits for the commit: the
 * answer is written when it is told of. Thread-safe.
 */
final class GithubServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(GithubServlet.class);
    private static final String SIGNATURE = "X-Hub-Signature-256";
    private static final String PREFIX = "sha256=";

    private final transient Inbox inbox;
    private final transient Deliveries deliveries;
    private final transient Signature signature;
    private final transient Duration limit;
    private final int maxBody;

    GithubServlet(Inbox inbox, Deliveries deliveries, Signature signature, int maxBody, Duration limit) {
        this.inbox = inbox;
        this.deliveries = deliveries;
        this.signature = signature;
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
            CompletionStage<Accepted> accepted = inbox.acceptAsync(message(request));
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

    private Message message(HttpServletRequest request) throws IOException {
        Body.refuseQueryToken(request.getQueryString());
        byte[] body = Body.read(request::getInputStream, maxBody, request.getContentLengthLong(), limit);
        if (!signature.verifies(request.getHeader(SIGNATURE), PREFIX, body)) {
            throw new KoshiException(
                    ErrorCode.UNAUTHORIZED,
                    SIGNATURE + " is missing or wrong: the webhook's secret and the plugin's must be the same");
        }
        return deliveries.message(
                request.getHeader("X-GitHub-Event"),
                request.getHeader("X-GitHub-Delivery"),
                request.getContentType(),
                body);
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
            LOG.debug("The sender of a delivery did not wait for the answer: {}", e.getMessage());
        }
    }

    private static KoshiException reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof KoshiException known
                ? known
                : new KoshiException(ErrorCode.INTERNAL, "a delivery was not written: " + cause, cause);
    }

    private void refuse(HttpServletResponse response, KoshiException failure) throws IOException {
        HttpProblem problem = HttpProblem.ofRequest(failure);
        if (problem.status() >= 500) {
            LOG.warn("A delivery from GitHub was not taken: {}", failure.getMessage());
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
