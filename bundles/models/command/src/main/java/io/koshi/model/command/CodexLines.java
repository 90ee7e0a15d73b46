package io.koshi.model.command;

import java.util.Map;
import java.util.function.Consumer;

/**
 * What {@code codex exec --json} prints: {@code thread.started}, {@code item.completed} with an agent's message, {@code
 * turn.completed} with its count of tokens, {@code turn.failed}, {@code error}. Confined to one thread.
 */
final class CodexLines implements Consumer<Map<String, Object>> {
    private final Spoken spoken;

    CodexLines(Spoken spoken) {
        this.spoken = spoken;
    }

    @Override
    public void accept(Map<String, Object> line) {
        switch (Fields.text(line, "type")) {
            case "thread.started" -> spoken.session(Fields.text(line, "thread_id"));
            case "item.completed" -> item(Fields.object(line.get("item")));
            case "turn.completed" -> Fields.usage(Fields.object(line.get("usage")), spoken);
            case "turn.failed" -> spoken.failed(Fields.text(line, "error.message"));
            case "error" -> spoken.failed(Fields.text(line, "message"));
            default -> {} // what it does meanwhile
        }
    }

    private void item(Map<?, ?> item) {
        String kind = Fields.text(item, "type") + Fields.text(item, "item_type");
        if (kind.equals("agent_message") || kind.equals("assistant_message")) {
            spoken.part();
            spoken.say(Fields.text(item, "text"));
        }
    }
}
