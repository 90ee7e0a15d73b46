package io.koshi.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Where a program's answer is in what it prints.
 *
 * @param output text, json (one object), jsonl (one a line), claude (its stream-json) or codex (its exec --json)
 * @param textField where the whole answer is in its JSON; a name or a path, {@code message.text}
 * @param deltaField where a piece of it is, empty for none
 * @param errorField where a failure is told
 */
record ProgramAnswer(String output, String textField, String deltaField, String errorField) {
    private static final List<String> OUTPUTS = List.of("text", "json", "jsonl", "claude", "codex");

    ProgramAnswer {
        if (!OUTPUTS.contains(output)) {
            throw Failure.usage("A program's output is one of " + OUTPUTS + ", not '" + output + "'.");
        }
    }

    /** @throws IOException when it is a failure, or none was found */
    String of(String printed) throws IOException {
        return switch (output) {
            case "text" -> plain(printed);
            case "json" -> whole(object(printed.strip()));
            default -> lines(printed);
        };
    }

    /** Without colours and other control sequences (ECMA-48). */
    private static String plain(String printed) {
        return printed.replaceAll("\u001b\\[[0-?]*[ -/]*[@-~]|\u001b\\][^\u0007\u001b]*(\u0007|\u001b\\\\)|\u001b.", "")
                .replaceAll("[\\x00-\\x08\\x0b-\\x1f\\x7f]", "")
                .strip();
    }

    private String whole(Map<?, ?> object) throws IOException {
        String text = text(object, textField);
        if (Boolean.TRUE.equals(object.get("is_error"))) {
            throw new IOException(text.isEmpty() ? text(object, errorField) : text);
        }
        if (!text(object, errorField).isEmpty()) {
            throw new IOException(text(object, errorField));
        }
        if (text.isEmpty()) {
            throw new IOException("the program printed no answer");
        }
        return text;
    }

    private String lines(String printed) throws IOException {
        StringBuilder pieces = new StringBuilder();
        String whole = "";
        for (String line : printed.split("\n")) {
            if (!line.strip().startsWith("{")) {
                continue; // a program may print a warning between its objects
            }
            Map<?, ?> object = object(line.strip());
            if (output.equals("codex")) {
                pieces.append(codex(object));
                continue;
            }
            if (!deltaField.isEmpty()) {
                pieces.append(text(object, deltaField));
            }
            boolean ends = Boolean.TRUE.equals(object.get("is_error"))
                    || !text(object, errorField).isEmpty()
                    || !text(object, textField).isEmpty();
            whole = ends ? whole(object) : whole;
        }
        String answer = whole.isEmpty() ? pieces.toString() : whole;
        if (answer.isEmpty()) {
            throw new IOException("the program printed no answer");
        }
        return answer;
    }

    private static String codex(Map<?, ?> object) throws IOException {
        switch (text(object, "type")) {
            case "item.completed" -> {
                String kind = text(object, "item.type") + text(object, "item.item_type");
                return kind.equals("agent_message") || kind.equals("assistant_message")
                        ? text(object, "item.text")
                        : "";
            }
            case "turn.failed" -> throw new IOException(text(object, "error.message"));
            case "error" -> throw new IOException(text(object, "message"));
            default -> {
                return "";
            }
        }
    }

    private static Map<?, ?> object(String text) throws IOException {
        try {
            if (Json.read(text) instanceof Map<?, ?> object) {
                return object;
            }
        } catch (IllegalArgumentException broken) {
            throw new IOException("the program printed what is no JSON object, or a part of one", broken);
        }
        throw new IOException("the program printed what is no JSON object, or a part of one");
    }

    private static String text(Map<?, ?> object, String path) {
        Object at = object;
        for (String step : path.split("\\.")) {
            at = at instanceof Map<?, ?> map ? map.get(step) : null;
        }
        return at instanceof String text ? text : "";
    }
}
