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

    /** As Python's {@code str()} of what is no list and no object. */
    static String words(Object value) {
        if (value == null) {
            return "None";
        }
        if (value instanceof Boolean flag) {
            return flag ? "True" : "False";
        }
        if (value instanceof Map || value instanceof Iterable) {
            throw new Refusal("type '" + (value instanceof Map ? "dict" : "list") + "' is not supported");
        }
        String text = value.toString();
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                throw new Refusal(String.format(
                        "'utf-8' codec can't encode character '\\u%04x' in position %d: surrogates not allowed",
                        (int) text.charAt(i), text.codePointCount(0, i)));
            }
        }
        return text;
    }
}
