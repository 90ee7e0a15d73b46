package io.koshi.skill.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.skill.Skill;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and writes a skill as Markdown with frontmatter: between two lines of {@code ---} stand {@code name}, {@code
 * description}, {@code triggers}, {@code tools} and {@code model}, each a value, a list in brackets or a list of {@code -}
 * lines; {@code >} and {@code |} begin an indented text. That is the part of YAML that such files use, and nothing in it
 * makes anything but text.
 */
final class SkillText {
    /** The largest skill, in characters. */
    static final int MAX_SIZE = 64 * 1024;

    private static final String FENCE = "---";

    private final String[] lines;
    private int at;

    private SkillText(String markdown) {
        this.lines = markdown.split("\r?\n|\r", -1);
    }

    /** @throws KoshiException INVALID_PARAMS with the line */
    static Skill read(String markdown, Skill.Source source) {
        if (markdown.length() > MAX_SIZE) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE,
                    "a skill has at most " + MAX_SIZE + " characters, this one " + markdown.length());
        }
        String text = markdown.startsWith("\uFEFF") ? markdown.substring(1) : markdown;
        return new SkillText(text).read(source);
    }

    private Skill read(Skill.Source source) {
        if (!lines[0].strip().equals(FENCE)) {
            throw fault("begin with a line of ---, then name: and description:, then --- again");
        }
        Map<String, List<String>> fields = new LinkedHashMap<>();
        at = 1;
        while (at < lines.length && !lines[at].strip().equals(FENCE)) {
            if (lines[at].isBlank() || lines[at].stripLeading().startsWith("#")) {
                at++;
            } else {
                field(fields);
            }
        }
        if (at == lines.length) {
            throw fault("end the frontmatter with a line of ---");
        }
        String body =
                String.join("\n", List.of(lines).subList(at + 1, lines.length)).strip();
        return new Skill(
                one(fields, "name").orElseThrow(() -> fault("name: is missing")),
                one(fields, "description").orElseThrow(() -> fault("description: is missing")),
                fields.getOrDefault("triggers", List.of()),
                fields.getOrDefault("tools", List.of()),
                one(fields, "model"),
                body,
                source);
    }

    private void field(Map<String, List<String>> fields) {
        String line = lines[at];
        int colon = line.indexOf(':');
        if (colon <= 0 || Character.isWhitespace(line.charAt(0))) {
            throw fault("write it as key: value");
        }
        String key = line.substring(0, colon).strip();
        String value = line.substring(colon + 1).strip();
        List<String> values;
        if (value.isEmpty()) {
            at++;
            values = items();
        } else if (value.matches("[>|][+-]?")) {
            at++;
            values = List.of(block(value.charAt(0) == '|' ? "\n" : " "));
        } else {
            values = value(key, value);
            at++;
        }
        if (fields.put(key, values) != null) {
            throw fault(key + " stands twice");
        }
    }

    private List<String> value(String key, String value) {
        if (value.startsWith("[")) {
            if (!value.endsWith("]")) {
                throw fault("end the list with ]");
            }
            return split(value.substring(1, value.length() - 1));
        }
        boolean list = key.equals("triggers") || key.equals("tools");
        return list && value.indexOf(',') >= 0 ? split(value) : List.of(plain(value));
    }

    private List<String> split(String list) {
        List<String> items = new ArrayList<>();
        for (String item : list.split(",", -1)) {
            if (!item.isBlank()) {
                items.add(plain(item.strip()));
            }
        }
        return items;
    }

    private List<String> items() {
        List<String> items = new ArrayList<>();
        while (at < lines.length
                && lines[at].strip().startsWith("-")
                && !lines[at].strip().equals(FENCE)) {
            items.add(plain(lines[at].strip().substring(1).strip()));
            at++;
        }
        return items;
    }

    private String block(String joined) {
        List<String> text = new ArrayList<>();
        while (at < lines.length && (lines[at].isBlank() || Character.isWhitespace(lines[at].charAt(0)))) {
            text.add(lines[at].strip());
            at++;
        }
        return String.join(joined, text).strip();
    }

    private String plain(String value) {
        char first = value.isEmpty() ? ' ' : value.charAt(0);
        if (first == '"' || first == '\'') {
            if (value.length() < 2 || value.charAt(value.length() - 1) != first) {
                throw fault("end the text with " + first);
            }
            String inner = value.substring(1, value.length() - 1);
            return first == '\''
                    ? inner.replace("''", "'")
                    : inner.replace("\\\"", "\"").replace("\\\\", "\\");
        }
        return value;
    }

    private static Optional<String> one(Map<String, List<String>> fields, String key) {
        return Optional.ofNullable(fields.get(key))
                .map(values -> String.join(", ", values))
                .filter(value -> !value.isBlank());
    }

    private KoshiException fault(String problem) {
        return KoshiException.invalid("", "line " + Math.min(at + 1, lines.length) + ": " + problem);
    }

    /** What {@link #read} reads as the same skill. */
    static String write(Skill skill) {
        StringBuilder text = new StringBuilder(FENCE).append('\n');
        text.append("name: ").append(skill.name()).append('\n');
        text.append("description: ").append(quoted(skill.description())).append('\n');
        list(text, "triggers", skill.triggers());
        list(text, "tools", skill.tools());
        skill.model().ifPresent(model -> text.append("model: ").append(model).append('\n'));
        return text.append(FENCE)
                .append("\n\n")
                .append(skill.text())
                .append('\n')
                .toString();
    }

    private static void list(StringBuilder text, String key, List<String> values) {
        if (!values.isEmpty()) {
            text.append(key).append(":\n");
            values.forEach(value -> text.append("  - ").append(quoted(value)).append('\n'));
        }
    }

    private static String quoted(String value) {
        String line = value.replaceAll("\\s+", " ").strip();
        return '"' + line.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
