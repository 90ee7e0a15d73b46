package io.koshi.vargos.internal;

import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the older gateway's frames, member for member in the order its clients know. Thread-safe. */
final class OldFrame {
    private final Codec codec;

    OldFrame(Codec codec) {
        this.codec = codec;
    }

    String result(String id, Object payload) {
        return text(members("type", "res", "id", id, "ok", true, "payload", payload));
    }

    String error(String id, String code, String message) {
        return error(id, members("code", code, "message", message));
    }

    String error(String id, Object error) {
        return text(members("type", "res", "id", id, "ok", false, "error", error));
    }

    String event(String source, String topic, Object payload, long seq) {
        return text(members("type", "event", "source", source, "event", topic, "payload", payload, "seq", seq));
    }

    /** A call that goes on to the service that owns the method. */
    String request(String id, Object target, String method, Object params) {
        return text(members("type", "req", "id", id, "target", target, "method", method, "params", params));
    }

    private String text(Map<String, Object> frame) {
        return new String(codec.json(frame), StandardCharsets.UTF_8);
    }

    /** A map in this order, without those that are null. */
    static Map<String, Object> members(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i + 1] != null) {
                map.put((String) pairs[i], pairs[i + 1]);
            }
        }
        return map;
    }
}
