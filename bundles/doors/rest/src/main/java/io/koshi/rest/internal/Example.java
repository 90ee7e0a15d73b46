package io.koshi.rest.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Makes a value that a JSON Schema of a method accepts: with what is required, and nothing that may be left out. */
final class Example {
    private Example() {}

    static Object of(Map<?, ?> schema) {
        if (schema.containsKey("default")) {
            return schema.get("default");
        }
        if (schema.get("enum") instanceof List<?> values && !values.isEmpty()) {
            return values.get(0);
        }
        return switch (String.valueOf(schema.get("type"))) {
            case "object" -> object(schema);
            case "array" -> array(schema);
            case "integer" -> schema.get("minimum") instanceof Number least ? least : 1L;
            case "number" -> schema.get("minimum") instanceof Number least ? least : 1.0;
            case "boolean" -> false;
            case "null" -> null;
            default -> text(schema);
        };
    }

    private static Map<String, Object> object(Map<?, ?> schema) {
        Map<String, Object> object = new LinkedHashMap<>();
        Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> known ? known : Map.of();
        List<?> required = schema.get("required") instanceof List<?> names ? names : List.of();
        for (Object name : required) {
            object.put(String.valueOf(name), properties.get(name) instanceof Map<?, ?> one ? of(one) : Map.of());
        }
        return object;
    }

    private static List<Object> array(Map<?, ?> schema) {
        Map<?, ?> items = schema.get("items") instanceof Map<?, ?> each ? each : Map.of("type", "string");
        return IntStream.range(0, schema.get("minItems") instanceof Number least ? least.intValue() : 0)
                .mapToObj(i -> of(items))
                .toList();
    }

    private static String text(Map<?, ?> schema) {
        if ("date-time".equals(schema.get("format"))) {
            return "2026-01-01T00:00:00Z";
        }
        int least = schema.get("minLength") instanceof Number length ? length.intValue() : 0;
        return "string".repeat(1 + least / 6);
    }
}
