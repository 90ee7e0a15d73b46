package io.koshi.openai.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request that failed, in the words OpenAI's API has for it (platform.openai.com, "Error codes"). */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.openai");

    private final int status;
    private final String type;
    private final String param;
    private final String code;
    private final long retryAfterSeconds;

    private Refused(int status, String type, String param, String code, long retryAfterSeconds, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /** @param param the member of the request that is wrong */
    static Refused invalid(String param, String message) {
        return new Refused(400, "invalid_request_error", param, null, 0, message);
    }

    /** What OpenAI has and the hub has not. */
    static Refused unsupported(String param, String message) {
        return new Refused(400, "invalid_request_error", param, "unsupported_value", 0, message);
    }

    /** A path of OpenAI's that is not served here. */
    static Refused noPath(String method, String path) {
        return new Refused(
                404,
                "invalid_request_error",
                null,
                "unknown_url",
                0,
                "There is no " + method + " " + path + " here, but /v1/chat/completions and /v1/models.");
    }

    static Refused noMethod(String allowed) {
        return new Refused(405, "invalid_request_error", null, "method_not_supported", 0, "Use " + allowed + " here.");
    }

    static Refused noModel(String model) {
        return new Refused(
                404,
                "invalid_request_error",
                "model",
                "model_not_found",
                0,
                "The model '" + model + "' does not exist here; /v1/models lists those that do.");
    }

    static Refused of(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof Refused known) {
            return known;
        }
        if (!(cause instanceof KoshiException known)) {
            LOG.error("A completion could not be answered", cause);
            return new Refused(500, "server_error", null, "INTERNAL", 0, "The hub failed; see its log.");
        }
        int status = known.code() == ErrorCode.TIMEOUT ? 504 : known.code().httpStatus();
        String type = switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> status < 500 ? "invalid_request_error" : "server_error";
        };
        String code = status == 401 ? "invalid_api_key" : known.code().name();
        long wait =
                known.retryAfter().map(time -> Math.max(1, time.toSeconds())).orElse(0L);
        return new Refused(status, type, null, code, wait, known.getMessage());
    }

    /** A run that ended badly. */
    static Refused run(String message) {
        return new Refused(502, "server_error", null, "run_failed", 0, message);
    }

    int status() {
        return status;
    }

    /** 0 where nothing is to be said. */
    long retryAfterSeconds() {
        return retryAfterSeconds;
    }

    Map<String, Object> body() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", getMessage());
        error.put("type", type);
        error.put("param", param);
        error.put("code", code);
        return Map.of("error", error);
    }
}
