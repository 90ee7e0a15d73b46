package io.koshi.service.mcp;

import java.util.List;
import java.util.Map;

/** Takes plain data apart without trusting its shape. */
final class Json {
    private Json() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    static List<?> list(Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    /** Empty where it is no text. */
    static String text(Object value) {
        return value instanceof String text ? text : "";
    }
}
