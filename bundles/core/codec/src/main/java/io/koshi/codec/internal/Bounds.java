package io.koshi.codec.internal;

import io.koshi.codec.Range;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;

/** A {@link Range} on a component: of a number its value, of anything else its length. Thread-safe. */
record Bounds(long min, long max) {
    static Bounds of(Range range) {
        return range == null ? null : new Bounds(range.min(), range.max());
    }

    void check(Object value, Place at, Faults faults) {
        if (value instanceof Number number) {
            if (outside(number)) {
                faults.add(at, "must be " + words());
            }
        } else if (value instanceof String text) {
            length(text.codePointCount(0, text.length()), "characters", at, faults);
        } else if (value instanceof Collection<?> list) {
            length(list.size(), "items", at, faults);
        } else if (value instanceof Map<?, ?> map) {
            length(map.size(), "entries", at, faults);
        }
    }

    private boolean outside(Number number) {
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            return number.longValue() < min || number.longValue() > max;
        }
        BigDecimal value = new BigDecimal(number.toString());
        return value.compareTo(BigDecimal.valueOf(min)) < 0 || value.compareTo(BigDecimal.valueOf(max)) > 0;
    }

    private void length(int length, String unit, Place at, Faults faults) {
        if (length < min || length > max) {
            faults.add(at, "must have " + words() + " " + unit);
        }
    }

    private String words() {
        if (min == Long.MIN_VALUE) {
            return "at most " + max;
        }
        return max == Long.MAX_VALUE ? "at least " + min : min + " to " + max;
    }

    void schema(Map<String, Object> schema) {
        Object type = schema.get("type");
        String least = "minimum";
        String greatest = "maximum";
        if ("string".equals(type)) {
            least = "minLength";
            greatest = "maxLength";
        } else if ("array".equals(type)) {
            least = "minItems";
            greatest = "maxItems";
        } else if ("object".equals(type)) {
            least = "minProperties";
            greatest = "maxProperties";
        }
        if (min != Long.MIN_VALUE) {
            schema.put(least, min);
        }
        if (max != Long.MAX_VALUE) {
            schema.put(greatest, max);
        }
    }
}
