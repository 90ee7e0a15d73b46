package io.koshi.cli;

import java.util.List;
import java.util.Map;

/** Plain data as YAML for people to read; scalars are written as JSON where that is needed. */
final class Yaml {
    private Yaml() {}

    static String write(Map<?, ?> map) {
        StringBuilder out = new StringBuilder();
        map.forEach((key, value) -> entry(out, "", key + ":", value));
        return out.toString();
    }

    private static void entry(StringBuilder out, String indent, String head, Object value) {
        out.append(indent).append(head);
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            out.append('\n');
            map.forEach((key, nested) -> entry(out, indent + "  ", key + ":", nested));
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            out.append('\n');
            list.forEach(each ->
                    out.append(indent).append("  - ").append(Json.write(each)).append('\n'));
        } else if (value instanceof String text && text.matches("[A-Za-z./][A-Za-z0-9_./ -]*")) {
            out.append(' ').append(text).append('\n');
        } else {
            out.append(' ').append(Json.write(value)).append('\n');
        }
    }
}
