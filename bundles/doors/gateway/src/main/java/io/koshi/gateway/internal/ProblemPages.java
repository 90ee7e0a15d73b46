package io.koshi.gateway.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.HttpProblem;
import io.koshi.api.KoshiException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * What the web server itself refuses, before any door has seen it, is a problem document as the doors' own refusals
 * are: a path that nothing serves, a head that is too long or none. It repeats nothing of what was sent. Thread-safe.
 */
final class ProblemPages extends ErrorHandler {
    private static final int INTERNAL = 500;

    /** Has a web server answer so. */
    static void install(Server server) {
        server.setErrorHandler(new ProblemPages());
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        int status = response.getStatus();
        if (HttpStatus.hasNoBody(status)) {
            callback.succeeded();
            return true;
        }
        HttpProblem problem = HttpProblem.as(status, new KoshiException(code(status), detail(request, status)));
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, HttpProblem.MEDIA_TYPE);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        problem.retryAfterSeconds()
                .ifPresent(wait -> response.getHeaders().put(HttpHeader.RETRY_AFTER, Long.toString(wait)));
        response.write(true, ByteBuffer.wrap(problem.json()), callback);
        return true;
    }

    /** The server's own word for it; of a failure inside the hub nothing. */
    private static String detail(Request request, int status) {
        String reason = HttpStatus.getMessage(status);
        if (status == HttpStatus.NOT_FOUND_404) {
            return "nothing is served at this path; /docs shows what is";
        }
        Object said = status < INTERNAL ? request.getAttribute(ErrorHandler.ERROR_MESSAGE) : null;
        return said == null || said.equals(reason) ? reason : reason + ": " + said;
    }

    private static ErrorCode code(int status) {
        return switch (status) {
            case HttpStatus.UNAUTHORIZED_401 -> ErrorCode.UNAUTHORIZED;
            case HttpStatus.FORBIDDEN_403 -> ErrorCode.FORBIDDEN;
            case HttpStatus.NOT_FOUND_404, HttpStatus.METHOD_NOT_ALLOWED_405 -> ErrorCode.NOT_FOUND;
            case HttpStatus.REQUEST_TIMEOUT_408, HttpStatus.GATEWAY_TIMEOUT_504 -> ErrorCode.TIMEOUT;
            case HttpStatus.PAYLOAD_TOO_LARGE_413,
                    HttpStatus.URI_TOO_LONG_414,
                    HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 -> ErrorCode.TOO_LARGE;
            case HttpStatus.TOO_MANY_REQUESTS_429 -> ErrorCode.OVERLOADED;
            case HttpStatus.SERVICE_UNAVAILABLE_503 -> ErrorCode.SERVICE_UNAVAILABLE;
            default -> status < INTERNAL ? ErrorCode.PARSE_ERROR : ErrorCode.INTERNAL;
        };
    }
}
