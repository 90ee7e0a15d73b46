package io.koshi.model.openai;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Looks into plain data that may be anything: what is not of the kind that is asked for is empty. */
final class Json {
    private Json() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) {
        return value instanceof Map<?, ?> ? (Map<String, Object>) value : Map.of();
    }

    static List<?> list(Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    static String text(Object value) {
        return value instanceof String text ? text : "";
    }

    static long number(Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    /** An object of names and values in turn. */
    static Map<String, Object> of(Object... pairs) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            object.put((String) pairs[i], pairs[i + 1]);
        }
        return object;
    }
}
