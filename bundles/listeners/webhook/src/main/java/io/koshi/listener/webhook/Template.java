package io.koshi.listener.webhook;

import io.koshi.codec.RawObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Text with {@code {{path}}} in it, taken apart once; a path that leads nowhere is left out. Immutable. */
final class Template {
    private final List<Object> pieces = new ArrayList<>(); // String as it is, String[] a path

    Template(String text) {
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf("{{", at);
            int close = open < 0 ? -1 : text.indexOf("}}", open + 2);
            if (close < 0) {
                pieces.add(text.substring(at));
                return;
            }
            pieces.add(text.substring(at, open));
            pieces.add(text.substring(open + 2, close).strip().split("\\."));
            at = close + 2;
        }
    }

    String of(Map<String, Object> fields) {
        StringBuilder text = new StringBuilder();
        for (Object piece : pieces) {
            if (piece instanceof String[] path) {
                Object value = scalar(fields, path);
                text.append(value == null ? "" : value);
            } else {
                text.append(piece);
            }
        }
        return text.toString();
    }

    private static Object scalar(Map<String, Object> fields, String[] path) {
        if (fields instanceof RawObject raw) {
            return raw.scalar(path);
        }
        Object here = fields;
        for (String step : path) {
            here = here instanceof Map<?, ?> map ? map.get(step) : null;
        }
        return here instanceof Map || here instanceof List ? null : here;
    }
}
