package io.koshi.config.internal;

import io.koshi.config.internal.YamlNode.Entry;
import io.koshi.config.internal.YamlNode.Mapping;
import io.koshi.config.internal.YamlNode.Scalar;
import io.koshi.config.internal.YamlNode.Sequence;
import java.util.Map;
import java.util.Optional;

/**
 * Adds, changes and removes one entry of the {@code plugins} list in the file's text. Every comment and all formatting
 * outside the entry stay; comments that stand right above an entry, behind it, or inside it go with it.
 */
final class PluginEdit {
    private final TextEdit edit;
    private final Mapping root;
    private final Entry plugins;

    private PluginEdit(String text) {
        this.edit = new TextEdit(text);
        this.root = YamlReader.read(text);
        this.plugins = root.entry("plugins");
    }

    /** The text with the entry in place of the one of its name, or behind the last. */
    static String put(String text, Map<String, Object> entry) {
        PluginEdit edit = new PluginEdit(text);
        Optional<YamlNode> old = edit.find((String) entry.get("name"));
        if (old.isPresent()) {
            new EntryEdit(edit.edit).change((Mapping) old.get(), entry);
        } else {
            edit.add(entry);
        }
        return edit.edit.result();
    }

    /** The text without the entry of a name; empty when there is none. */
    static Optional<String> remove(String text, String name) {
        PluginEdit edit = new PluginEdit(text);
        return edit.find(name).map(item -> {
            Sequence list = (Sequence) edit.plugins.value();
            if (list.flow()) {
                edit.removeFromFlow(list, list.items().indexOf(item));
            } else {
                edit.removeLines(list, item);
            }
            return edit.edit.result();
        });
    }

    private Optional<YamlNode> find(String name) {
        if (plugins == null || !(plugins.value() instanceof Sequence list)) {
            return Optional.empty();
        }
        return list.items().stream().filter(item -> named(item, name)).findFirst();
    }

    private static boolean named(YamlNode item, String name) {
        return item instanceof Mapping mapping
                && mapping.entry("name") != null
                && mapping.entry("name").value() instanceof Scalar scalar
                && scalar.text().equals(name);
    }

    private void add(Map<String, Object> entry) {
        if (plugins == null) {
            addList(entry);
        } else if (!(plugins.value() instanceof Sequence list) || list.items().isEmpty()) {
            fillList(plugins.value(), entry);
        } else if (list.flow()) {
            addToFlow(list, entry);
        } else {
            addLines(list, entry);
        }
    }

    private void addList(Map<String, Object> entry) {
        if (root.flow()) {
            int last = root.entries().isEmpty()
                    ? root.start().offset() + 1
                    : root.entries().get(root.entries().size() - 1).value().end();
            edit.insert(last, (root.entries().isEmpty() ? "" : ", ") + "plugins: [" + YamlText.flow(entry) + "]");
        } else {
            edit.insertLines(Integer.MAX_VALUE, "plugins:" + edit.newLine() + lines(entry, 2));
        }
    }

    /** Puts the first entry where the list is empty: a bare key, {@code []}, or brackets around comments. */
    private void fillList(YamlNode empty, Map<String, Object> entry) {
        int start = empty.start().offset();
        boolean oneLine = edit.nextLine(start) == edit.nextLine(empty.end());
        if (empty instanceof Sequence && (root.flow() || !oneLine)) {
            edit.insert(start + 1, YamlText.flow(entry));
        } else if (root.flow()) {
            edit.replace(start, empty.end(), " [" + YamlText.flow(entry) + "]");
        } else {
            edit.replace(edit.trimBack(start), empty.end(), "");
            edit.insertLines(empty.end(), lines(entry, plugins.key().start().column() + 1));
        }
    }

    /** Behind the last entry; a comment behind that one stays with it. */
    private void addToFlow(Sequence list, Map<String, Object> entry) {
        YamlNode last = list.items().get(list.items().size() - 1);
        int behind = edit.skipComments(last.end());
        boolean comma = edit.at(behind) == ',';
        int lineStart = edit.lineStart(last.start().offset());
        boolean ownLine = edit.skipSpace(lineStart) == last.start().offset();
        if (!ownLine) {
            edit.insert(comma ? behind + 1 : last.end(), (comma ? " " : ", ") + YamlText.flow(entry));
            return;
        }
        if (!comma) {
            edit.insert(last.end(), ",");
        }
        String indent = " ".repeat(last.start().offset() - lineStart);
        int end = comma ? behind : last.end();
        int rest = edit.skipSpace(end + (comma ? 1 : 0));
        boolean closes = edit.at(rest) == ']' && edit.nextLine(rest) == edit.nextLine(end);
        if (closes) {
            edit.insert(rest, edit.newLine() + indent + YamlText.flow(entry));
        } else {
            edit.insertLines(end, indent + YamlText.flow(entry));
        }
    }

    private void addLines(Sequence list, Map<String, Object> entry) {
        YamlNode last = list.items().get(list.items().size() - 1);
        int dash = list.start().column() - 1;
        boolean flow = last instanceof Mapping mapping && mapping.flow();
        String lines = flow ? " ".repeat(dash) + "- " + YamlText.flow(entry) : lines(entry, dash);
        edit.insertLines(itemEnd(last, dash) - 1, lines);
    }

    private String lines(Map<String, Object> entry, int indent) {
        StringBuilder lines = new StringBuilder(" ".repeat(indent)).append("- ");
        String between = edit.newLine() + " ".repeat(indent) + "  ";
        entry.forEach((key, value) ->
                lines.append(lines.length() == indent + 2 ? "" : between).append(YamlText.pair(key, value)));
        return lines.toString();
    }

    private void removeLines(Sequence list, YamlNode item) {
        int dash = list.start().column() - 1;
        boolean first = item == list.items().get(0);
        int from = commentsAbove(dashLine(item, dash), dash, first);
        int to = itemEnd(item, dash);
        if (list.items().size() == 1) {
            int colon = edit.skipSpace(plugins.key().end());
            edit.insert(colon + 1, " []");
        } else if (from > 0 && edit.isBlank(edit.lineStart(from - 1))) {
            while (to < edit.nextLine(to) && edit.isBlank(to)) {
                to = edit.nextLine(to);
            }
        }
        edit.replace(from, to, "");
    }

    /** The start of the line with the item's dash, which may stand above the item itself. */
    private int dashLine(YamlNode item, int dash) {
        int line = edit.lineStart(item.start().offset());
        while (line > 0 && !(edit.indent(line) == dash && edit.at(line + dash) == '-')) {
            line = edit.lineStart(line - 1);
        }
        return line;
    }

    private int commentsAbove(int line, int dash, boolean first) {
        int from = line;
        while (from > 0) {
            int above = edit.lineStart(from - 1);
            int indent = edit.indent(above);
            if (!edit.isComment(above) || (first ? indent < dash : indent != dash)) {
                break;
            }
            from = above;
        }
        return from;
    }

    /** Where the line behind an item begins; comments that are indented deeper than its dash belong to it. */
    private int itemEnd(YamlNode item, int dash) {
        int end = edit.nextLine(Math.max(item.start().offset(), edit.trimBack(item.end()) - 1));
        while (edit.isComment(end) && edit.indent(end) > dash) {
            end = edit.nextLine(end);
        }
        return end;
    }

    private void removeFromFlow(Sequence list, int index) {
        YamlNode item = list.items().get(index);
        int start = item.start().offset();
        int comma = edit.skipComments(item.end());
        boolean hasComma = edit.at(comma) == ',';
        int end = hasComma ? comma + 1 : item.end();
        if (!hasComma && index > 0) {
            int before = edit.skipComments(list.items().get(index - 1).end());
            edit.replace(before, before + 1, "");
        }
        int lineStart = edit.lineStart(start);
        boolean ownLine = edit.skipSpace(lineStart) == start;
        int rest = edit.skipSpace(end);
        int line = edit.nextLine(end);
        boolean lineEnds = rest >= line || edit.at(rest) == '#';
        if (ownLine && lineEnds) {
            edit.replace(lineStart, line, "");
        } else if (index == 0 || hasComma) {
            edit.replace(start, lineEnds ? end : rest, "");
        } else {
            edit.replace(edit.trimBack(start), end, "");
        }
    }
}
