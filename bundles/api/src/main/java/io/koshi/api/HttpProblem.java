package io.koshi.api;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * What a refused HTTP request is answered: a status and a problem document (RFC 9457) with the hub's code and, where
 * input was wrong, {@code details} as in a frame.
 *
 * @param status of RFC 9110
 * @param json the document, {@value #MEDIA_TYPE}
 * @param retryAfterSeconds the Retry-After header, where the same request may succeed later
 */
public record HttpProblem(int status, byte[] json, OptionalLong retryAfterSeconds) {
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final long PATIENCE_SECONDS = 5;
    private static final int REQUEST_TIMEOUT = 408;

    /** Of a failure while a request was answered. */
    public static HttpProblem of(KoshiException failure) {
        return of(failure, failure.code().httpStatus());
    }

    /** Of a failure while a request was read: a time-out is then the client's, 408. */
    public static HttpProblem ofRequest(KoshiException failure) {
        return of(
                failure,
                failure.code() == ErrorCode.TIMEOUT
                        ? REQUEST_TIMEOUT
                        : failure.code().httpStatus());
    }

    /** Under a status of its own, where HTTP has one that the codes do not know. */
    public static HttpProblem as(int status, KoshiException failure) {
        return of(failure, status);
    }

    private static HttpProblem of(KoshiException failure, int status) {
        StringBuilder json = new StringBuilder(200);
        json.append("{\"status\":").append(status).append(",\"code\":\"").append(failure.code());
        json.append("\",\"detail\":\"");
        json.append(escape(String.valueOf(failure.getMessage()))).append('"');
        if (!failure.details().isEmpty()) {
            json.append(",\"details\":[");
            for (Problem each : failure.details()) {
                json.append("{\"path\":\"").append(escape(each.path())).append("\",\"problem\":\"");
                json.append(escape(each.problem())).append("\"},");
            }
            json.setCharAt(json.length() - 1, ']');
        }
        json.append('}');
        return new HttpProblem(status, json.toString().getBytes(StandardCharsets.UTF_8), retryAfter(failure));
    }

    private static OptionalLong retryAfter(KoshiException failure) {
        if (!failure.code().retryable()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(
                failure.retryAfter().map(wait -> Math.max(1, wait.toSeconds())).orElse(PATIENCE_SECONDS));
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                escaped.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                escaped.append(String.format("\\u%04x", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }
}
