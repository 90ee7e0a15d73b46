package io.koshi.ipc.internal;

import java.util.Map;
import java.util.Optional;

/**
 * A request frame; fields it does not know are ignored.
 *
 * @param deadlineMs how long the client will wait, where it says so
 * @param run the run the client was started by, where it says so: a child of the hub may not end it
 */
record Request(String id, String method, Map<String, Object> params, Optional<Long> deadlineMs, Optional<String> run) {

    /** @throws Malformed when the frame is none */
    @SuppressWarnings("unchecked")
    static Request of(Object data) {
        if (!(data instanceof Map<?, ?> frame)) {
            throw new Malformed(Frames.UNKNOWN, "A frame is a map with type, id and method.");
        }
        if (!(frame.get("id") instanceof String id) || id.isEmpty() || id.length() > 256) {
            throw new Malformed(Frames.UNKNOWN, "A request has an id, a text of 1 to 256 characters.");
        }
        if (!"req".equals(frame.get("type"))) {
            throw new Malformed(id, "A client sends frames of type req.");
        }
        if (!(frame.get("method") instanceof String method) || method.isEmpty()) {
            throw new Malformed(id, "A request names a method, for example hub.status.");
        }
        Object params = frame.get("params");
        if (params != null && !(params instanceof Map)) {
            throw new Malformed(id, "The params of a request are a map.");
        }
        return new Request(
                id,
                method,
                params == null ? Map.of() : (Map<String, Object>) params,
                Optional.ofNullable(frame.get("deadlineMs") instanceof Long ms ? ms : null),
                Optional.ofNullable(frame.get("run") instanceof String run ? run : null));
    }

    /** A frame that was CBOR and yet no request. */
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String id;

        Malformed(String id, String message) {
            super(message, null, false, false);
            this.id = id;
        }

        String id() {
            return id;
        }
    }
}
