package io.koshi.model.openai;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a service refuses, by status or in mid-stream, whichever of the servers' forms it has: {@code error} as an
 * object (OpenAI, llama.cpp), as a sentence (Ollama), or the fields at the top (vLLM, FastAPI).
 *
 * @param sentence the service's own words, may be empty
 * @param kind its code or type, may be empty
 */
record Refusal(String sentence, String kind) {
    private static final int SHOWN = 300;
    private static final Set<String> FOR_GOOD = Set.of("insufficient_quota", "billing_hard_limit_reached");

    /** What an object says that has an error in it. */
    static Optional<Refusal> in(Map<?, ?> data) {
        Object error = data.get("error");
        if (error instanceof String sentence) {
            return Optional.of(new Refusal(sentence, kind(data)));
        }
        if (error instanceof Map<?, ?> inner) {
            return Optional.of(new Refusal(text(inner.get("message")), kind(inner)));
        }
        if ("error".equals(data.get("object")) || data.get("detail") != null) {
            return Optional.of(new Refusal(text(data.get("message")) + text(data.get("detail")), kind(data)));
        }
        return Optional.empty();
    }

    private static String kind(Map<?, ?> data) {
        String code = text(data.get("code"));
        return code.isEmpty() ? text(data.get("type")) : code;
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }

    /** The hub's failure for an HTTP status. */
    KoshiException failure(int status, Optional<Duration> retryAfter) {
        ErrorCode code = FOR_GOOD.contains(kind)
                ? ErrorCode.FORBIDDEN
                : kind.equals("context_length_exceeded") ? ErrorCode.TOO_LARGE : code(status);
        return failure(code, String.valueOf(status), retryAfter);
    }

    private static ErrorCode code(int status) {
        return switch (status) {
            case 429, 529 -> ErrorCode.OVERLOADED;
            case 408, 504 -> ErrorCode.TIMEOUT;
            case 400, 422 -> ErrorCode.INVALID_PARAMS;
            case 401 -> ErrorCode.UNAUTHORIZED;
            case 402, 403 -> ErrorCode.FORBIDDEN;
            case 404 -> ErrorCode.NOT_FOUND;
            case 413 -> ErrorCode.TOO_LARGE;
            default -> status >= 500 ? ErrorCode.SERVICE_UNAVAILABLE : ErrorCode.METHOD_ERROR;
        };
    }

    /** The hub's failure for an error inside a stream that began well; one that is not known may pass. */
    KoshiException midStream() {
        if (kind.matches("[45]\\d\\d")) {
            return failure(Integer.parseInt(kind), Optional.empty());
        }
        return switch (kind) {
            case "rate_limit_exceeded", "rate_limit_error", "overloaded_error" ->
                failure(ErrorCode.OVERLOADED, kind, Optional.empty());
            case "invalid_request_error" -> failure(ErrorCode.INVALID_PARAMS, kind, Optional.empty());
            case "context_length_exceeded", "exceed_context_size_error" ->
                failure(ErrorCode.TOO_LARGE, kind, Optional.empty());
            default ->
                failure(
                        FOR_GOOD.contains(kind) ? ErrorCode.FORBIDDEN : ErrorCode.SERVICE_UNAVAILABLE,
                        kind.isEmpty() ? "an error" : kind,
                        Optional.empty());
        };
    }

    private KoshiException failure(ErrorCode code, String what, Optional<Duration> retryAfter) {
        String message = what + ": " + (sentence.isBlank() ? "no reason" : sentence);
        String shown = message.length() <= SHOWN ? message : message.substring(0, SHOWN) + "…";
        return new KoshiException(
                code, "the model's service answered " + shown, List.of(), retryAfter.orElse(null), null);
    }
}
