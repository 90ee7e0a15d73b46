package io.koshi.model.command;

import java.util.Map;
import java.util.function.Consumer;

/**
 * What {@code claude --print --output-format stream-json --include-partial-messages} prints: {@code system}, {@code
 * stream_event} with the events of the Messages API, {@code assistant}, and {@code result}. Confined to one thread.
 */
final class ClaudeLines implements Consumer<Map<String, Object>> {
    private final Spoken spoken;
    private boolean partial;

    ClaudeLines(Spoken spoken) {
        this.spoken = spoken;
    }

    @Override
    public void accept(Map<String, Object> line) {
        if (line.get("parent_tool_use_id") instanceof String) {
            return; // what its own sub-agents say to it
        }
        spoken.session(Fields.text(line, "session_id"));
        switch (Fields.text(line, "type")) {
            case "system" -> spoken.model(Fields.text(line, "model"));
            case "stream_event" -> event(Fields.object(line.get("event")));
            case "assistant" -> message(Fields.object(line.get("message")));
            case "result" -> result(line);
            default -> {} // user: what its tools gave; rate_limit_event; and what may come
        }
    }

    private void event(Map<?, ?> event) {
        partial = true;
        switch (Fields.text(event, "type")) {
            case "message_start" -> spoken.part();
            case "content_block_delta" -> {
                if (Fields.text(event, "delta.type").equals("text_delta")) {
                    spoken.say(Fields.text(event, "delta.text"));
                }
            }
            default -> {}
        }
    }

    /** A whole message, which was said already where there are partial ones. */
    private void message(Map<?, ?> message) {
        if (!partial) {
            spoken.part();
            Fields.list(message.get("content")).forEach(block -> spoken.say(Fields.text(block, "text")));
        }
    }

    private void result(Map<String, Object> result) {
        Fields.usage(Fields.object(result.get("usage")), spoken);
        String text = Fields.text(result, "result");
        String kind = Fields.text(result, "subtype");
        if (Boolean.TRUE.equals(result.get("is_error")) || kind.startsWith("error")) {
            spoken.failed(text.isEmpty() ? kind : text);
        } else {
            spoken.whole(text);
        }
    }
}
