package io.koshi.config.internal;

import io.koshi.config.internal.YamlNode.Entry;
import io.koshi.config.internal.YamlNode.Mapping;
import java.util.Map;
import java.util.Objects;

/** Changes an entry's settings in place: what stays the same keeps its text and its comments. Confined to one call. */
final class EntryEdit {
    private final TextEdit edit;

    EntryEdit(TextEdit edit) {
        this.edit = edit;
    }

    void change(Mapping old, Map<String, Object> wanted) {
        Map<String, Object> before = Document.of(old, Interpolation.NONE).data();
        if (!old.entries().stream().allMatch(e -> wanted.containsKey(e.key().text()))) {
            rewrite(old, wanted);
            return;
        }
        for (Entry entry : old.entries()) {
            Object value = wanted.get(entry.key().text());
            if (!Objects.equals(value, before.get(entry.key().text()))) {
                value(entry, value);
            }
        }
        wanted.forEach((key, value) -> {
            if (old.entry(key) == null) {
                append(old, key, value);
            }
        });
    }

    private void value(Entry entry, Object value) {
        int colon = edit.skipSpace(entry.key().end());
        int end = Math.max(colon + 1, edit.trimBack(entry.value().end()));
        edit.replace(colon + 1, end, " " + YamlText.flow(value));
    }

    private void append(Mapping old, String key, Object value) {
        int last = edit.trimBack(
                old.entries().get(old.entries().size() - 1).value().end());
        String text = YamlText.pair(key, value);
        if (old.flow()) {
            edit.insert(last, ", " + text);
        } else {
            edit.insertLines(last - 1, " ".repeat(old.start().column() - 1) + text);
        }
    }

    private void rewrite(Mapping old, Map<String, Object> wanted) {
        int end = old.flow() ? old.end() : edit.trimBack(old.end());
        if (old.flow()) {
            edit.replace(old.start().offset(), end, YamlText.flow(wanted));
            return;
        }
        String indent = edit.newLine() + " ".repeat(old.start().column() - 1);
        StringBuilder text = new StringBuilder();
        wanted.forEach((key, value) -> text.append(text.isEmpty() ? "" : indent).append(YamlText.pair(key, value)));
        edit.replace(old.start().offset(), end, text.toString());
    }
}
