package io.koshi.frame.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.RawMap;
import io.koshi.frame.Form;
import java.util.Map;
import java.util.Optional;

/**
 * A frame whose outside was read; what it carries still has its bytes. Fields it does not know are ignored.
 *
 * @param type {@code req}, {@code res} or {@code event}
 * @param id never empty; {@link Wording#UNKNOWN} for an event
 */
record Envelope(Form form, String type, String id, RawMap frame) {
    private static final int LONGEST_ID = 256;

    /**
     * @throws io.koshi.api.KoshiException PARSE_ERROR for what is no JSON or CBOR
     * @throws Malformed for what is no frame
     */
    static Envelope of(Codec codec, Form form, byte[] bytes) {
        RawMap frame = (RawMap) (form == Form.JSON ? codec.lazyObject(bytes) : codec.lazyCbor(bytes));
        Object type = frame.member("type");
        if ("event".equals(type)) {
            return new Envelope(form, "event", Wording.UNKNOWN, frame);
        }
        if (!(frame.member("id") instanceof String id) || id.isEmpty() || id.length() > LONGEST_ID) {
            throw new Malformed(Wording.UNKNOWN, "A frame has an id, a text of 1 to 256 characters.");
        }
        if (!"req".equals(type) && !"res".equals(type)) {
            throw new Malformed(id, "A client sends frames of type req, res or event.");
        }
        return new Envelope(form, (String) type, id, frame);
    }

    String method() {
        if (frame.member("method") instanceof String method && !method.isEmpty()) {
            return method;
        }
        throw new Malformed(id, "A request names a method, for example hub.status.");
    }

    Map<String, Object> params() {
        return map("params", "The params of a request are a map.");
    }

    /** The topic of an event. */
    String topic() {
        if (frame.member("event") instanceof String topic && !topic.isEmpty()) {
            return topic;
        }
        throw new Malformed(id, "An event names its topic under \"event\", for example build.done.");
    }

    Map<String, Object> payload() {
        return map("payload", "The payload of an event is a map.");
    }

    /** What a service answers: anything. */
    Object result() {
        return frame.member("payload");
    }

    boolean ok() {
        return Boolean.TRUE.equals(frame.member("ok"));
    }

    Object error() {
        return frame.member("error");
    }

    /** How long the client will wait, where it says so. */
    Optional<Long> deadlineMs() {
        return Optional.ofNullable(frame.member("deadlineMs") instanceof Long ms ? ms : null);
    }

    /** The run the client was started by, where it says so: a child of the hub may not end it. */
    Optional<String> run() {
        return Optional.ofNullable(frame.member("run") instanceof String run ? run : null);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> map(String name, String otherwise) {
        Object value = frame.member(name);
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new Malformed(id, otherwise);
    }
}
