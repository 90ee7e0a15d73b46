package io.koshi.client;

import java.util.List;
import java.util.Map;

/** What the hub answered instead of a result, or why it could not be asked: a code of the protocol and a sentence. */
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String code;
    private final transient List<?> details;

    public HubException(String code, String message) {
        this(code, message, List.of());
    }

    private HubException(String code, String message, List<?> details) {
        super(message);
        this.code = code;
        this.details = details;
    }

    /** The error of an answer. */
    static HubException of(Object error) {
        Map<?, ?> map = error instanceof Map<?, ?> known ? known : Map.of();
        return new HubException(
                String.valueOf(map.get("code")),
                String.valueOf(map.get("message")),
                map.get("details") instanceof List<?> list ? list : List.of());
    }

    static HubException gone() {
        return new HubException(
                "SERVICE_UNAVAILABLE", "The connection to the hub was lost before it answered; it may have happened.");
    }

    /** One of the protocol's codes. */
    public String code() {
        return code;
    }

    /** {@code {path, problem}} for each fault, empty where there are none. */
    public List<?> details() {
        return details == null ? List.of() : details;
    }

    /** Whether asking again cannot help: who asks is not known, or may not. */
    public boolean isFinal() {
        return code.equals("UNAUTHORIZED") || code.equals("FORBIDDEN");
    }
}
