package io.koshi.swarm.internal;

import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;

/** Parameters as the older hub reads them: what is none or 0 means its default, and numbers may be texts. */
record Params(Map<String, Object> values) {
    Optional<String> text(String key) {
        Object value = values.get(key);
        return value == null ? Optional.empty() : Optional.of(words(value));
    }

    /** @throws Refusal when it is missing */
    String needed(String key) {
        if (!values.containsKey(key)) {
            throw Refusal.missing(key);
        }
        return text(key).orElse("None");
    }

    /** @throws Refusal when it is missing or no whole number */
    long neededNumber(String key) {
        if (!values.containsKey(key)) {
            throw Refusal.missing(key);
        }
        return whole(values.get(key));
    }

    long number(String key, long otherwise) {
        Object value = values.get(key);
        boolean none = value == null || value.equals("") || value.equals(Boolean.FALSE);
        long number = none ? otherwise : whole(value);
        return number == 0 ? otherwise : number;
    }

    /** As Python's {@code int()}. */
    private static long whole(Object value) {
        if (value instanceof Long number) {
            return number;
        }
        if (value instanceof Double number) {
            return number.longValue();
        }
        if (value instanceof Boolean flag) {
            return flag ? 1 : 0;
        }
        if (value instanceof BigInteger) {
            throw new Refusal("Python int too large to convert to SQLite INTEGER");
        }
        if (value instanceof String text) {
            try {
                return Long.parseLong(text.strip().replace("_", ""));
            } catch (NumberFormatException e) {
                throw new Refusal("invalid literal for int() with base 10: '" + text + "'");
            }
        }
        String type = value == null ? "NoneType" : value instanceof Map ? "dict" : "list";
        throw new Refusal("int() argument must be a string, a bytes-like object or a real number, not '" + type + "'");
    }

    private static String words(Object value) {
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        return value.toString();
    }
}
