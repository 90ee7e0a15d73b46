package io.koshi.router.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** What rules say of plain values: their text, whether two are equal, which is greater. */
final class Values {
    private static final int LONGEST_NUMBER = 40;

    private Values() {}

    /** A scalar as text; null for lists, maps, bytes and null. */
    static String text(Object value) {
        if (value instanceof String s) {
            return s;
        }
        return value instanceof Number || value instanceof Boolean ? value.toString() : null;
    }

    static boolean scalar(Object value) {
        return !(value instanceof Map || value instanceof List || value instanceof byte[]);
    }

    /** Equal as numbers, or written alike: the number 42 equals the text "42". */
    static boolean equal(Object expected, Object value) {
        if (expected instanceof Number a && value instanceof Number b) {
            return compare(a, b) == 0;
        }
        String text = text(value);
        return text != null && text.equals(text(expected));
    }

    static int compare(Number a, Number b) {
        if (a instanceof Long x && b instanceof Long y) {
            return Long.compare(x, y);
        }
        return decimal(a).compareTo(decimal(b));
    }

    /** The number a value is or spells; null when it is none. */
    static Number number(Object value) {
        if (value instanceof Integer i) {
            return i.longValue();
        }
        if (value instanceof Double d && !Double.isFinite(d)) {
            return null;
        }
        if (value instanceof Number n) {
            return n;
        }
        if (value instanceof String s
                && !s.isEmpty()
                && s.length() <= LONGEST_NUMBER
                && "+-.0123456789".indexOf(s.charAt(0)) >= 0) {
            try {
                return new BigDecimal(s);
            } catch (NumberFormatException e) {
                return null;
            }
        }
        return null;
    }

    private static BigDecimal decimal(Number n) {
        if (n instanceof BigDecimal d) {
            return d;
        }
        if (n instanceof BigInteger i) {
            return new BigDecimal(i);
        }
        return n instanceof Double || n instanceof Float
                ? BigDecimal.valueOf(n.doubleValue())
                : BigDecimal.valueOf(n.longValue());
    }
}
