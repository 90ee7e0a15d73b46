package io.koshi.memory.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Memories as text that other programs and people can read: JSON lines, or Markdown in which each memory stands under
 * a comment that has the rest of it. Markdown without such comments is notes: each list item or paragraph is one.
 */
final class Portable {
    private static final String MARK = "<!-- memory ";
    private static final String MARK_END = " -->";
    private static final Pattern ITEM = Pattern.compile("^\\s{0,3}(?:[-*+]|[0-9]{1,9}[.)])\\s+(?:\\[[ xX]]\\s+)?");

    private final Codec codec;

    Portable(Codec codec) {
        this.codec = codec;
    }

    /** How memories are written. */
    enum Format {
        JSONL,
        MARKDOWN
    }

    /** A memory as it was written, or what is wrong with it, on this line from 1. */
    record Line(int number, Map<String, Object> data, String problem) {}

    String write(Format format, Kept kept, boolean archived) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("id", kept.id());
        data.putAll(kept.data());
        if (archived) {
            data.put("archived", true);
        }
        if (format == Format.JSONL) {
            return json(data) + "\n";
        }
        data.remove("content");
        // "--" would end the comment in the middle of the data
        String comment = json(data).replace("--", "-\\u002d");
        return MARK + comment + MARK_END + "\n" + escaped(kept.content()) + "\n\n";
    }

    private String json(Map<String, Object> data) {
        return new String(codec.json(data), StandardCharsets.UTF_8);
    }

    private static String escaped(String content) {
        return content.lines()
                .map(line -> line.startsWith(MARK) || line.startsWith("\\") ? "\\" + line : line)
                .reduce((a, b) -> a + "\n" + b)
                .orElse("");
    }

    List<Line> read(Format format, String text) {
        List<String> lines = text.lines().toList();
        if (format == Format.JSONL) {
            return jsonLines(lines);
        }
        return lines.stream().anyMatch(line -> line.startsWith(MARK)) ? marked(lines) : notes(lines);
    }

    private List<Line> jsonLines(List<String> lines) {
        List<Line> read = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                read.add(line(i + 1, lines.get(i)));
            }
        }
        return read;
    }

    @SuppressWarnings("unchecked")
    private Line line(int number, String json) {
        try {
            return codec.parseJson(json.getBytes(StandardCharsets.UTF_8)) instanceof Map<?, ?> map
                    ? new Line(number, (Map<String, Object>) map, null)
                    : new Line(number, Map.of(), "a memory is a JSON object");
        } catch (KoshiException e) {
            return new Line(number, Map.of(), e.getMessage());
        }
    }

    private List<Line> marked(List<String> lines) {
        List<Line> read = new ArrayList<>();
        Line head = null;
        List<String> content = new ArrayList<>();
        for (int i = 0; i <= lines.size(); i++) {
            String text = i < lines.size() ? lines.get(i) : MARK;
            if (!text.startsWith(MARK)) {
                content.add(text.startsWith("\\") ? text.substring(1) : text);
                continue;
            }
            if (head != null) {
                Map<String, Object> data = new LinkedHashMap<>(head.data());
                data.put("content", String.join("\n", content).strip());
                read.add(new Line(head.number(), data, head.problem()));
            }
            content.clear();
            head = i < lines.size() ? head(i + 1, text) : null;
        }
        return read;
    }

    private Line head(int number, String text) {
        return text.endsWith(MARK_END)
                ? line(number, text.substring(MARK.length(), text.length() - MARK_END.length()))
                : new Line(number, Map.of(), "the comment above a memory ends with" + MARK_END);
    }

    private static List<Line> notes(List<String> lines) {
        List<Line> read = new ArrayList<>();
        StringBuilder note = new StringBuilder();
        int begin = 0;
        for (int i = 0; i <= lines.size(); i++) {
            String text = i < lines.size() ? lines.get(i) : "";
            boolean item = ITEM.matcher(text).find();
            if ((text.isBlank() || item || text.startsWith("#")) && !note.isEmpty()) {
                read.add(new Line(begin, Map.of("content", note.toString()), null));
                note.setLength(0);
            }
            if (!text.isBlank() && !text.startsWith("#")) {
                begin = note.isEmpty() ? i + 1 : begin;
                note.append(note.isEmpty() ? "" : "\n")
                        .append(ITEM.matcher(text).replaceFirst("").strip());
            }
        }
        return read;
    }
}
