package io.koshi.api;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The one unchecked failure of the hub: a code for programs and a sentence for the person. */
public final class KoshiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final transient List<Problem> details;
    private final transient Duration retryAfter;

    public KoshiException(ErrorCode code, String message) {
        this(code, message, List.of(), null, null);
    }

    public KoshiException(ErrorCode code, String message, Throwable cause) {
        this(code, message, List.of(), null, cause);
    }

    public KoshiException(ErrorCode code, String message, List<Problem> details) {
        this(code, message, details, null, null);
    }

    /**
     * @param details what is wrong where, may be empty
     * @param retryAfter how long to wait before the same request, null when unknown
     * @param cause null when there is none
     */
    public KoshiException(ErrorCode code, String message, List<Problem> details, Duration retryAfter, Throwable cause) {
        super(message, cause);
        this.code = Objects.requireNonNull(code, "code");
        this.details = List.copyOf(details);
        this.retryAfter = retryAfter;
    }

    /** Another try after {@code wait} may succeed. */
    public static KoshiException overloaded(String message, Duration wait) {
        return new KoshiException(ErrorCode.OVERLOADED, message, List.of(), wait, null);
    }

    public static KoshiException invalid(String path, String problem) {
        return new KoshiException(
                ErrorCode.INVALID_PARAMS,
                path.isEmpty() ? problem : path + ": " + problem,
                List.of(new Problem(path, problem)));
    }

    public static KoshiException notFound(String message) {
        return new KoshiException(ErrorCode.NOT_FOUND, message);
    }

    public ErrorCode code() {
        return code;
    }

    public List<Problem> details() {
        return details == null ? List.of() : details;
    }

    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
