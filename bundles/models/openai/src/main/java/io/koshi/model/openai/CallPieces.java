package io.koshi.model.openai;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.model.ToolCall;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Puts the tool calls of a stream together. Servers differ: an index may be missing, or be 0 for every call; an id may be
 * missing or repeated with each piece; arguments come as pieces of JSON text, whole, or as an object. Confined to one
 * thread.
 */
final class CallPieces {
    /** The most calls one answer may have. */
    static final int MAX_CALLS = 128;

    private final List<Call> calls = new ArrayList<>();

    /** A call as far as it has come. */
    private static final class Call {
        private final long index;
        private String id;
        private String name = "";
        private Map<String, Object> object;
        private final StringBuilder json = new StringBuilder();

        Call(long index, String id) {
            this.index = index;
            this.id = id;
        }

        /** Whether it has a name and all of an object: then another name with more of them is another call's. */
        boolean isWhole() {
            String text = json.toString().strip();
            return !name.isEmpty() && (object != null || text.startsWith("{") && text.endsWith("}"));
        }
    }

    boolean isEmpty() {
        return calls.isEmpty();
    }

    /**
     * Takes a piece of a call.
     *
     * @param piece an item of {@code tool_calls}
     * @throws KoshiException METHOD_ERROR when there are more calls than anybody can mean
     */
    void add(Map<String, Object> piece) {
        long index = piece.get("index") instanceof Number number ? number.longValue() : -1;
        add(index, Json.text(piece.get("id")), Json.object(piece.get("function")));
    }

    /** Takes a piece of the one {@code function_call} that older servers still send. */
    void addLegacy(Map<String, Object> function) {
        add(Long.MAX_VALUE, "", function);
    }

    private void add(long index, String id, Map<String, Object> function) {
        String name = Json.text(function.get("name"));
        boolean arguing = function.get("arguments") instanceof Map
                || !Json.text(function.get("arguments")).isBlank();
        Call call = find(index, id, name, arguing);
        if (call == null) {
            if (calls.size() == MAX_CALLS) {
                throw new KoshiException(
                        ErrorCode.METHOD_ERROR, "the model called more than " + MAX_CALLS + " tools at once");
            }
            call = new Call(index, id);
            calls.add(call);
        }
        if (call.id.isEmpty()) {
            call.id = id;
        }
        if (call.name.isEmpty()) {
            call.name = name;
        }
        Object arguments = function.get("arguments");
        if (arguments instanceof Map<?, ?>) {
            call.object = Json.object(arguments);
        } else {
            call.json.append(Json.text(arguments));
        }
    }

    /** The call a piece belongs to, null when it begins one. */
    private Call find(long index, String id, String name, boolean arguing) {
        Call newest = null;
        for (Call call : calls) {
            newest = index < 0 || call.index == index ? call : newest;
        }
        if (newest == null) {
            return null;
        }
        boolean another = !id.isEmpty() && !newest.id.isEmpty() && !id.equals(newest.id);
        boolean begins = id.isEmpty() && !name.isEmpty() && (index < 0 || arguing && newest.isWhole());
        return another || begins ? sameId(id) : newest;
    }

    private Call sameId(String id) {
        return id.isEmpty()
                ? null
                : calls.stream().filter(call -> id.equals(call.id)).findFirst().orElse(null);
    }

    /** The calls in the order they began; those without an id are given one. */
    List<ToolCall> calls(Codec codec) {
        return calls.stream().map(call -> call(codec, call)).toList();
    }

    private static ToolCall call(Codec codec, Call call) {
        String id = call.id.isEmpty() ? "call_" + Ulid.next() : call.id;
        String json = call.json.toString();
        if (call.object != null || json.isBlank()) {
            return new ToolCall(id, call.name, call.object == null ? Map.of() : call.object);
        }
        try {
            Object arguments = codec.parseJson(json.getBytes(StandardCharsets.UTF_8));
            return arguments instanceof Map<?, ?>
                    ? new ToolCall(id, call.name, Json.object(arguments))
                    : ToolCall.malformed(id, call.name, json);
        } catch (KoshiException e) {
            return ToolCall.malformed(id, call.name, json);
        }
    }
}
