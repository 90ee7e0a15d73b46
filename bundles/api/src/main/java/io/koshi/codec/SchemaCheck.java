package io.koshi.codec;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Nearest;
import io.koshi.api.Problem;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Holds plain data against the part of JSON Schema (2020-12) that methods and tools use: type, properties, required,
 * additionalProperties, items, enum, const and the bounds. Other keywords are the owner's to check. Confined to one call.
 */
public final class SchemaCheck {
    private static final int MOST = 50;

    private final List<Problem> problems = new ArrayList<>();

    private SchemaCheck() {}

    /**
     * @param schema null or empty where anything is right
     * @throws KoshiException INVALID_PARAMS with every fault found, 50 at most
     */
    public static void check(Map<String, Object> params, Map<String, Object> schema) {
        if (schema == null || schema.isEmpty()) {
            return;
        }
        SchemaCheck check = new SchemaCheck();
        check.value("", params, schema);
        check.raise();
    }

    /**
     * For what takes no parameters.
     *
     * @throws KoshiException INVALID_PARAMS when there is one
     */
    public static void refuseAll(Map<String, Object> params) {
        SchemaCheck check = new SchemaCheck();
        params.keySet().forEach(name -> check.add("/" + escape(name), "is not known here; this method takes none"));
        check.raise();
    }

    private void raise() {
        if (!problems.isEmpty()) {
            Problem first = problems.get(0);
            String where = first.path().isEmpty() ? "params" : first.path();
            String more = problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more)";
            throw new KoshiException(ErrorCode.INVALID_PARAMS, where + ": " + first.problem() + more, problems);
        }
    }

    private void add(String path, String problem) {
        if (problems.size() < MOST) {
            problems.add(new Problem(path, problem));
        }
    }

    private void value(String path, Object value, Map<?, ?> schema) {
        if (!typed(value, schema.get("type"))) {
            add(path, "must be " + words(schema.get("type")));
            return;
        }
        if (schema.get("enum") instanceof Collection<?> allowed && !allowed.contains(value)) {
            List<String> names = allowed.stream().map(String::valueOf).toList();
            add(path, "is not known; " + Nearest.hint(String.valueOf(value), names));
        }
        if (schema.containsKey("const") && !String.valueOf(schema.get("const")).equals(String.valueOf(value))) {
            add(path, "must be " + schema.get("const"));
        }
        if (value instanceof Number number) {
            bounds(path, new BigDecimal(number.toString()), schema, "minimum", "maximum", "");
        } else if (value instanceof String text) {
            int length = text.codePointCount(0, text.length());
            bounds(path, BigDecimal.valueOf(length), schema, "minLength", "maxLength", " characters long");
        } else if (value instanceof Map<?, ?> map) {
            members(path, map, schema);
        } else if (value instanceof Collection<?> items) {
            items(path, items, schema);
        }
    }

    private void members(String path, Map<?, ?> map, Map<?, ?> schema) {
        Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> known ? known : Map.of();
        if (schema.get("required") instanceof Collection<?> required) {
            for (Object name : required) {
                if (!map.containsKey(name)) {
                    add(path + "/" + escape(name), "is required");
                }
            }
        }
        Object others = schema.get("additionalProperties");
        map.forEach((name, value) -> {
            String at = path + "/" + escape(name);
            if (properties.get(name) instanceof Map<?, ?> one) {
                value(at, value, one);
            } else if (!properties.containsKey(name) && Boolean.FALSE.equals(others)) {
                List<String> names =
                        properties.keySet().stream().map(String::valueOf).toList();
                add(at, "is not known here; " + Nearest.hint(String.valueOf(name), names));
            } else if (!properties.containsKey(name) && others instanceof Map<?, ?> any) {
                value(at, value, any);
            }
        });
    }

    private void items(String path, Collection<?> items, Map<?, ?> schema) {
        bounds(path, BigDecimal.valueOf(items.size()), schema, "minItems", "maxItems", " items long");
        if (schema.get("items") instanceof Map<?, ?> each) {
            int index = 0;
            for (Object item : items) {
                value(path + "/" + index++, item, each);
            }
        }
    }

    private void bounds(String path, BigDecimal value, Map<?, ?> schema, String least, String most, String unit) {
        if (schema.get(least) instanceof Number min && value.compareTo(new BigDecimal(min.toString())) < 0) {
            add(path, "must be at least " + min + unit);
        }
        if (schema.get(most) instanceof Number max && value.compareTo(new BigDecimal(max.toString())) > 0) {
            add(path, "must be at most " + max + unit);
        }
    }

    private static boolean typed(Object value, Object type) {
        if (type instanceof Collection<?> several) {
            return several.stream().anyMatch(one -> typed(value, one));
        }
        if (!(type instanceof String name)) {
            return true;
        }
        return switch (name) {
            case "object" -> value instanceof Map;
            case "array" -> value instanceof Collection;
            case "string" -> value instanceof String || value instanceof byte[];
            case "boolean" -> value instanceof Boolean;
            case "null" -> value == null;
            case "number" -> value instanceof Number;
            case "integer" -> value instanceof Number number && whole(number);
            default -> true;
        };
    }

    private static boolean whole(Number number) {
        if (number instanceof Double real) {
            return real == Math.rint(real);
        }
        if (number instanceof BigDecimal big) {
            return big.stripTrailingZeros().scale() <= 0;
        }
        return number instanceof Long || number instanceof Integer || number instanceof BigInteger;
    }

    private static String words(Object type) {
        if (type instanceof Collection<?> several) {
            return String.join(" or ", several.stream().map(SchemaCheck::words).toList());
        }
        String name = String.valueOf(type);
        return Set.of("object", "array", "integer").contains(name) ? "an " + name : "a " + name;
    }

    private static String escape(Object token) {
        return String.valueOf(token).replace("~", "~0").replace("/", "~1");
    }
}
