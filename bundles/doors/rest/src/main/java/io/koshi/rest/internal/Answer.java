package io.koshi.rest.internal;

import io.koshi.api.Body;
import io.koshi.api.ErrorCode;
import io.koshi.api.HttpProblem;
import io.koshi.api.KoshiException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what a request is answered, so that a client who reads slowly holds no thread. */
final class Answer {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.rest");
    /** How long the rest of a refused body is read, so that the client sees why; strangers get no more of us. */
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private static final int USUAL_BUFFER = 16 << 10;

    private Answer() {}

    /**
     * What is answered.
     *
     * @param retryAfterSeconds the Retry-After header
     */
    record Document(int status, byte[] body, OptionalLong retryAfterSeconds) {
        static Document of(byte[] json) {
            return new Document(200, json, OptionalLong.empty());
        }

        static Document of(HttpProblem problem) {
            return new Document(problem.status(), problem.json(), problem.retryAfterSeconds());
        }

        void write(HttpServletResponse response) throws IOException {
            retryAfterSeconds.ifPresent(wait -> response.setHeader("Retry-After", Long.toString(wait)));
            if (status == 401) {
                response.setHeader("WWW-Authenticate", "Bearer");
            }
            Answer.write(response, status, status == 200 ? "application/json" : HttpProblem.MEDIA_TYPE, body);
        }
    }

    /** With what is left of the request's body read or given up. */
    static void refuse(
            HttpServletRequest request, HttpServletResponse response, KoshiException failure, boolean whileReading)
            throws IOException {
        HttpProblem problem = whileReading ? HttpProblem.ofRequest(failure) : HttpProblem.of(failure);
        boolean tooSlow = whileReading && failure.code() == ErrorCode.TIMEOUT;
        if (tooSlow
                || !request.getInputStream().isFinished()
                        && !Body.drop(request.getInputStream(), request.getContentLengthLong(), FAREWELL)) {
            response.setHeader("Connection", "close"); // the rest of the body is not waited for
        }
        Document.of(problem).write(response);
    }

    /** Into the response's buffer, made large enough: the end of the exchange sends it, and nobody waits for that. */
    static void write(HttpServletResponse response, int status, String type, byte[] body) throws IOException {
        response.setStatus(status);
        response.setContentType(type);
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        if (body.length > USUAL_BUFFER) {
            response.setBufferSize(body.length);
        }
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    static KoshiException known(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof KoshiException known) {
            return known;
        }
        LOG.error("An answer could not be written", cause);
        return new KoshiException(ErrorCode.INTERNAL, "the answer could not be written; see the log", cause);
    }
}
