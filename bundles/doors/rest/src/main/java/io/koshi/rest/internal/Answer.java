package io.koshi.rest.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.HttpProblem;
import io.koshi.api.KoshiException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what a request is answered, so that a client who reads slowly holds no thread. */
final class Answer {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.rest");
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

    /** 405, with what is allowed. */
    static void notAllowed(HttpServletResponse response, String allowed, String why) throws IOException {
        response.setHeader("Allow", allowed);
        Document.of(HttpProblem.as(405, new KoshiException(ErrorCode.NO_HANDLER, why)))
                .write(response);
    }

    /** Of what was wrong while the request was read. */
    static void refuse(HttpServletResponse response, KoshiException failure) throws IOException {
        Document.of(HttpProblem.ofRequest(failure)).write(response);
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
