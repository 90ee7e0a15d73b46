package io.koshi.model.anthropic;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Turns what the service refuses, by status or by an error event, into the hub's own failure. */
final class Refusal {
    private static final int SHOWN = 300;

    private Refusal() {}

    /** By HTTP status (the service's documented errors; 529 is "overloaded"). */
    static KoshiException ofStatus(int status, String sentence, Optional<Duration> retryAfter) {
        ErrorCode code = switch (status) {
            case 429, 529 -> ErrorCode.OVERLOADED;
            case 408, 504 -> ErrorCode.TIMEOUT;
            case 400 -> ErrorCode.INVALID_PARAMS;
            case 401 -> ErrorCode.UNAUTHORIZED;
            case 403 -> ErrorCode.FORBIDDEN;
            case 404 -> ErrorCode.NOT_FOUND;
            case 413 -> ErrorCode.TOO_LARGE;
            default -> status >= 500 ? ErrorCode.SERVICE_UNAVAILABLE : ErrorCode.METHOD_ERROR;
        };
        return failure(code, status + ": " + sentence, retryAfter);
    }

    /** By the type of an {@code error} event; one that is not known may pass. */
    static KoshiException ofType(String type, String sentence) {
        ErrorCode code = switch (type) {
            case "overloaded_error", "rate_limit_error" -> ErrorCode.OVERLOADED;
            case "timeout_error" -> ErrorCode.TIMEOUT;
            case "invalid_request_error" -> ErrorCode.INVALID_PARAMS;
            case "authentication_error" -> ErrorCode.UNAUTHORIZED;
            case "permission_error", "billing_error" -> ErrorCode.FORBIDDEN;
            case "not_found_error" -> ErrorCode.NOT_FOUND;
            case "request_too_large" -> ErrorCode.TOO_LARGE;
            default -> ErrorCode.SERVICE_UNAVAILABLE;
        };
        return failure(code, type + ": " + sentence, Optional.empty());
    }

    private static KoshiException failure(ErrorCode code, String message, Optional<Duration> retryAfter) {
        String shown = message.length() <= SHOWN ? message : message.substring(0, SHOWN) + "…";
        return new KoshiException(
                code, "the model's service answered " + shown, List.of(), retryAfter.orElse(null), null);
    }
}
