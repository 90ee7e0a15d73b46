package io.koshi.mcp.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * One message of a client.
 *
 * @param id text or number; null for a notification, which is never answered
 * @param method null for an answer to something we asked, which we never do
 */
record Incoming(Object id, String method, Map<String, Object> params) {

    /** @throws Fault INVALID_REQUEST when it is no message of JSON-RPC 2.0 */
    @SuppressWarnings("unchecked")
    static Incoming of(Object data) {
        if (!(data instanceof Map<?, ?> message) || !"2.0".equals(message.get("jsonrpc"))) {
            throw new Fault(Fault.INVALID_REQUEST, "a message is a JSON object with \"jsonrpc\":\"2.0\"");
        }
        Object id = message.get("id");
        if (message.containsKey("id") && !(id instanceof String || id instanceof Number)) {
            throw new Fault(Fault.INVALID_REQUEST, "an id is a text or a number");
        }
        Object method = message.get("method");
        if (method == null && (message.containsKey("result") || message.containsKey("error"))) {
            return new Incoming(null, null, Map.of());
        }
        if (!(method instanceof String name)) {
            throw new Fault(Fault.INVALID_REQUEST, "a request names its method");
        }
        Object params = message.get("params");
        if (params != null && !(params instanceof Map)) {
            throw new Fault(Fault.INVALID_REQUEST, "params are an object");
        }
        return new Incoming(id, name, params == null ? Map.of() : (Map<String, Object>) params);
    }

    /** What can be told of the id of a message that is none; null where nothing can. */
    static Object idOf(Object data) {
        return data instanceof Map<?, ?> message
                        && (message.get("id") instanceof String || message.get("id") instanceof Number)
                ? message.get("id")
                : null;
    }

    boolean notification() {
        return id == null;
    }

    Map<String, Object> answer(Object result) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", id);
        answer.put("result", result);
        return answer;
    }

    /** By what the client wants to be told how far it is. @throws Fault INVALID_PARAMS when it is no such token */
    Optional<Object> progressToken() {
        Object token = params.get("_meta") instanceof Map<?, ?> meta ? meta.get("progressToken") : null;
        if (token != null && !(token instanceof String || token instanceof Number)) {
            throw new Fault(Fault.INVALID_PARAMS, "a progressToken is a text or a number");
        }
        return Optional.ofNullable(token);
    }

    /** A text among the params. @throws Fault INVALID_PARAMS when it is not there */
    String text(String name) {
        if (params.get(name) instanceof String text) {
            return text;
        }
        throw new Fault(Fault.INVALID_PARAMS, "'" + name + "' is missing or no text");
    }
}
