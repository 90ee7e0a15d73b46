package io.koshi.service.mcp;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.util.LinkedHashMap;
import java.util.Map;

/** JSON-RPC 2.0 messages as MCP uses them. Thread-safe. */
final class Messages {
    private static final long NO_METHOD = -32601;
    private static final int MAX_REASON = 500;

    private final Codec codec;

    Messages(Codec codec) {
        this.codec = codec;
    }

    byte[] request(long id, String method, Map<String, Object> params) {
        Map<String, Object> message = head();
        message.put("id", id);
        message.put("method", method);
        message.put("params", params);
        return codec.json(message);
    }

    byte[] notification(String method, Map<String, Object> params) {
        Map<String, Object> message = head();
        message.put("method", method);
        if (!params.isEmpty()) {
            message.put("params", params);
        }
        return codec.json(message);
    }

    /** The answer to what a server asks: that the hub is there, and that it does nothing else for servers. */
    byte[] answer(Map<String, Object> asked) {
        Map<String, Object> message = head();
        message.put("id", asked.get("id"));
        if ("ping".equals(asked.get("method"))) {
            message.put("result", Map.of());
        } else {
            message.put("error", Map.of("code", NO_METHOD, "message", "not offered"));
        }
        return codec.json(message);
    }

    private static Map<String, Object> head() {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("jsonrpc", "2.0");
        return message;
    }

    /** @throws KoshiException METHOD_ERROR when the server said that it went wrong */
    static Map<String, Object> result(Map<String, Object> response) {
        if (response.get("error") instanceof Map<?, ?> error) {
            String reason = Json.text(error.get("message"));
            throw new KoshiException(
                    ErrorCode.METHOD_ERROR,
                    "the server refused: " + (reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason));
        }
        return Json.object(response.get("result"));
    }
}
