package io.koshi.service.files;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON Schema of a tool's parameters, told in a line for each. Confined to one thread. */
final class Parameters {
    private final Map<String, Object> properties = new LinkedHashMap<>();

    Parameters with(String name, String type, String description) {
        properties.put(name, Map.of("type", type, "description", description));
        return this;
    }

    Map<String, Object> require(String... names) {
        return Map.of(
                "type", "object", "properties", properties, "required", List.of(names), "additionalProperties", false);
    }

    static String text(Map<String, Object> arguments, String name, String otherwise) {
        return arguments.get(name) instanceof String text ? text : otherwise;
    }

    static int number(Map<String, Object> arguments, String name, int otherwise) {
        return arguments.get(name) instanceof Number number
                ? (int) Math.max(0, Math.min(number.longValue(), Integer.MAX_VALUE))
                : otherwise;
    }

    static boolean flag(Map<String, Object> arguments, String name) {
        return Boolean.TRUE.equals(arguments.get(name));
    }
}
