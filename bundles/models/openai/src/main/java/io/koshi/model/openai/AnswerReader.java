package io.koshi.model.openai;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.http.EventStream;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelAnswer.Stop;
import io.koshi.model.Usage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/** Gathers an answer from the chunks of a chat completion, or from one that came whole. Confined to one thread. */
final class AnswerReader {
    /** The most characters an answer may have: words, tool calls and reasoning together. */
    static final int MAX_ANSWER = 4_000_000;

    private static final String DONE = "[DONE]";

    private final Codec codec;
    private final Consumer<String> deltas;
    private final StringBuilder text = new StringBuilder();
    private final CallPieces calls = new CallPieces();
    private Usage usage = Usage.NONE;
    private String model = "";
    private String reason = "";
    private boolean refused;
    private boolean done;
    private long size;

    AnswerReader(Codec codec, Consumer<String> deltas) {
        this.codec = codec;
        this.deltas = deltas;
    }

    /** Whether the stream said that nothing more will come. */
    boolean done() {
        return done;
    }

    /** Whether the answer is whole, though a count of tokens or the last word of the stream may be missing. */
    boolean finished() {
        return done || !reason.isEmpty();
    }

    /** @throws KoshiException what the stream says went wrong */
    void event(EventStream.Event event) {
        if (done || event.data().isBlank()) { // an empty line of data only keeps the stream open
            return;
        }
        if (event.data().strip().equals(DONE)) {
            done = true;
            return;
        }
        grow(event.data().length() / 64); // the frame around a word counts a little, so that empty ones end too
        chunk(Json.object(parse(event.data())));
    }

    /** Reads an answer that came in one piece, from a server that does not stream. */
    void whole(byte[] json) {
        grow(json.length / 64);
        chunk(Json.object(parse(new String(json, StandardCharsets.UTF_8))));
        done = true;
    }

    private void chunk(Map<String, Object> chunk) {
        Refusal.in(chunk).ifPresent(refusal -> {
            throw refusal.midStream();
        });
        if (model.isEmpty()) {
            model = Json.text(chunk.get("model"));
        }
        count(Json.object(chunk.get("usage")));
        for (Object item : Json.list(chunk.get("choices"))) {
            Map<String, Object> choice = Json.object(item);
            if (Json.number(choice.get("index")) == 0) {
                Refusal.in(choice).ifPresent(refusal -> {
                    throw refusal.midStream();
                });
                delta(Json.object(choice.get(choice.get("delta") instanceof Map ? "delta" : "message")));
                String why = Json.text(choice.get("finish_reason"));
                reason = why.isEmpty() ? reason : why;
            }
        }
    }

    private void delta(Map<String, Object> delta) {
        grow(Json.text(delta.get("reasoning_content")).length()
                + Json.text(delta.get("reasoning")).length()); // not shown, and not endless
        content(delta.get("content"));
        String refusal = Json.text(delta.get("refusal"));
        if (!refusal.isEmpty()) {
            refused = true;
            say(refusal);
        }
        for (Object piece : Json.list(delta.get("tool_calls"))) {
            Map<String, Object> call = Json.object(piece);
            grow(Json.text(Json.object(call.get("function")).get("arguments")).length());
            calls.add(call);
        }
        Map<String, Object> legacy = Json.object(delta.get("function_call"));
        if (!legacy.isEmpty()) {
            grow(Json.text(legacy.get("arguments")).length());
            calls.addLegacy(legacy);
        }
    }

    /** Words, or parts of which some are words. */
    private void content(Object content) {
        say(Json.text(content));
        for (Object part : Json.list(content)) {
            say(Json.text(Json.object(part).get("text")));
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

    /** Counts are totals; cached tokens are part of the prompt's, and are counted apart here. */
    private void count(Map<String, Object> counted) {
        if (!counted.isEmpty()) {
            long cached = Json.number(
                    Json.object(counted.get("prompt_tokens_details")).get("cached_tokens"));
            long prompt = Json.number(counted.get("prompt_tokens"));
            usage = new Usage(Math.max(0, prompt - cached), Json.number(counted.get("completion_tokens")), cached, 0);
        }
    }

    ModelAnswer answer() {
        Stop stop = switch (reason) {
            case "length" -> Stop.LENGTH;
            case "content_filter" -> Stop.REFUSED;
            default -> refused ? Stop.REFUSED : calls.isEmpty() ? Stop.END : Stop.TOOLS;
        };
        return new ModelAnswer(text.toString(), calls.calls(codec), stop, usage, model);
    }

    private Object parse(String data) {
        try {
            return codec.parseJson(data.getBytes(StandardCharsets.UTF_8));
        } catch (KoshiException e) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, "the model's service sent a line that is no JSON", e);
        }
    }
}
