package io.koshi.api;

/**
 * Every error the hub answers with; the name is the wire code, texts are never contract.
 *
 * <p>The HTTP status is what a door that speaks HTTP answers; {@code retryable} says whether the same
 * request may succeed later without being changed.
 */
public enum ErrorCode {
    PARSE_ERROR(400, false),
    INVALID_PARAMS(400, false),
    UNAUTHORIZED(401, false),
    FORBIDDEN(403, false),
    NOT_FOUND(404, false),
    NO_HANDLER(404, false),
    CONFLICT(409, false),
    TOO_LARGE(413, false),
    OVERLOADED(429, true),
    REGISTER_FAILED(409, false),
    INTERNAL(500, false),
    METHOD_ERROR(502, false),
    SERVICE_UNAVAILABLE(503, true),
    TIMEOUT(504, true);

    private final int httpStatus;
    private final boolean retryable;

    ErrorCode(int httpStatus, boolean retryable) {
        this.httpStatus = httpStatus;
        this.retryable = retryable;
    }

    /** The HTTP status (RFC 9110) of this code. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Whether the same request may succeed later. */
    public boolean retryable() {
        return retryable;
    }
}
