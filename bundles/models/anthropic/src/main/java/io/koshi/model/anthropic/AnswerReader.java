package io.koshi.model.anthropic;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.http.EventStream;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelAnswer.Stop;
import io.koshi.model.ToolCall;
import io.koshi.model.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Gathers an answer from the events of a Messages stream. Confined to one thread. */
final class AnswerReader {
    /** The most characters an answer may have, its tool calls included. */
    static final int MAX_ANSWER = 4_000_000;

    /** As many as the other wire's reader takes. */
    private static final int MAX_CALLS = 128;

    private final Codec codec;
    private final Consumer<String> deltas;
    private final StringBuilder text = new StringBuilder();
    private final Map<Long, Block> blocks = new TreeMap<>();
    private Usage usage = Usage.NONE;
    private String model = "";
    private Stop stop = Stop.END;
    private boolean complete;
    private long size;

    /** A tool call whose arguments come in pieces. */
    private record Block(String id, String name, Object input, StringBuilder json) {}

    AnswerReader(Codec codec, Consumer<String> deltas) {
        this.codec = codec;
        this.deltas = deltas;
    }

    /** Whether the stream said that it is over. */
    boolean complete() {
        return complete;
    }

    /** @throws KoshiException what the stream says went wrong */
    void event(EventStream.Event event) {
        if (event.data().isBlank()) {
            return; // only keeps the stream open
        }
        Map<String, Object> data = object(parse(event.data()));
        switch (string(data, "type").isEmpty() ? event.type() : string(data, "type")) {
            case "message_start" -> started(object(data.get("message")));
            case "content_block_start" -> block(number(data, "index"), object(data.get("content_block")));
            case "content_block_delta" -> delta(number(data, "index"), object(data.get("delta")));
            case "message_delta" -> ended(object(data.get("delta")), object(data.get("usage")));
            case "message_stop" -> complete = true;
            case "error" -> {
                Map<String, Object> error = object(data.get("error"));
                throw Refusal.ofType(string(error, "type"), string(error, "message"));
            }
            default -> {} // ping, content_block_stop, and what the service may add
        }
    }

    ModelAnswer answer() {
        List<ToolCall> calls = new ArrayList<>();
        blocks.values().forEach(block -> calls.add(call(block)));
        return new ModelAnswer(text.toString(), calls, stop, usage, model);
    }

    private void started(Map<String, Object> message) {
        model = string(message, "model");
        count(object(message.get("usage")));
    }

    private void block(long index, Map<String, Object> block) {
        switch (string(block, "type")) {
            case "text" -> say(string(block, "text"));
            case "tool_use" -> {
                if (blocks.size() == MAX_CALLS && !blocks.containsKey(index)) {
                    throw new KoshiException(
                            ErrorCode.TOO_LARGE, "the model's answer has more than " + MAX_CALLS + " tool calls");
                }
                blocks.put(
                        index,
                        new Block(string(block, "id"), string(block, "name"), block.get("input"), new StringBuilder()));
            }
            default -> {} // thinking and the like are not shown
        }
    }

    private void delta(long index, Map<String, Object> delta) {
        switch (string(delta, "type")) {
            case "text_delta" -> say(string(delta, "text"));
            case "input_json_delta" -> {
                Block block = blocks.get(index);
                if (block != null) {
                    block.json().append(string(delta, "partial_json"));
                    grow(string(delta, "partial_json").length());
                }
            }
            default -> {}
        }
    }

    private void say(String delta) {
        if (!delta.isEmpty()) {
            grow(delta.length());
            text.append(delta);
            deltas.accept(delta);
        }
    }

    private void grow(int by) {
        size += by;
        if (size > MAX_ANSWER) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE, "the model's answer has more than " + MAX_ANSWER + " characters");
        }
    }

    private void ended(Map<String, Object> delta, Map<String, Object> counted) {
        stop = switch (string(delta, "stop_reason")) {
            case "tool_use" -> Stop.TOOLS;
            case "max_tokens", "model_context_window_exceeded" -> Stop.LENGTH;
            case "refusal" -> Stop.REFUSED;
            default -> Stop.END;
        };
        count(counted);
    }

    /** Counts are totals so far; a figure that is not repeated keeps its value. */
    private void count(Map<String, Object> counted) {
        usage = new Usage(
                number(counted, "input_tokens", usage.inputTokens()),
                number(counted, "output_tokens", usage.outputTokens()),
                number(counted, "cache_read_input_tokens", usage.cacheReadTokens()),
                number(counted, "cache_creation_input_tokens", usage.cacheWriteTokens()));
    }

    private ToolCall call(Block block) {
        if (block.json().toString().isBlank()) {
            return new ToolCall(block.id(), block.name(), object(block.input()));
        }
        String json = block.json().toString();
        try {
            Object arguments = codec.parseJson(json.getBytes(StandardCharsets.UTF_8));
            return arguments instanceof Map<?, ?>
                    ? new ToolCall(block.id(), block.name(), object(arguments))
                    : ToolCall.malformed(block.id(), block.name(), json);
        } catch (KoshiException e) {
            return ToolCall.malformed(block.id(), block.name(), json);
        }
    }

    private Object parse(String data) {
        try {
            return codec.parseJson(data.getBytes(StandardCharsets.UTF_8));
        } catch (KoshiException e) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, "the model's service sent an event that is no JSON", e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value) {
        return value instanceof Map<?, ?> ? (Map<String, Object>) value : Map.of();
    }

    private static String string(Map<String, Object> data, String name) {
        return data.get(name) instanceof String text ? text : "";
    }

    private static long number(Map<String, Object> data, String name) {
        return number(data, name, 0);
    }

    private static long number(Map<String, Object> data, String name, long otherwise) {
        return data.get(name) instanceof Number number ? number.longValue() : otherwise;
    }
}
