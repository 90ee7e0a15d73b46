package io.koshi.config.internal;

import java.math.BigInteger;
import java.util.regex.Pattern;

/** What a plain scalar means by the core schema of YAML 1.2.2 (10.3.2): {@code on} and {@code no} are text. */
final class CoreSchema {
    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,40}");
    private static final Pattern OCTAL = Pattern.compile("0o[0-7]{1,20}");
    private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]{1,16}");
    private static final Pattern FLOAT = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?");

    private CoreSchema() {}

    /** Null, Boolean, Long, BigInteger, Double or the text itself. */
    static Object value(String text) {
        return switch (text) {
            case "", "~", "null", "Null", "NULL" -> null;
            case "true", "True", "TRUE" -> Boolean.TRUE;
            case "false", "False", "FALSE" -> Boolean.FALSE;
            default -> number(text);
        };
    }

    private static Object number(String text) {
        char first = text.charAt(0);
        if (first != '-' && first != '+' && first != '.' && (first < '0' || first > '9')) {
            return text;
        }
        if (INTEGER.matcher(text).matches()) {
            return narrow(new BigInteger(text.startsWith("+") ? text.substring(1) : text));
        }
        if (OCTAL.matcher(text).matches()) {
            return narrow(new BigInteger(text.substring(2), 8));
        }
        if (HEX.matcher(text).matches()) {
            return narrow(new BigInteger(text.substring(2), 16));
        }
        if (FLOAT.matcher(text).matches()) {
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? (Object) value : text;
        }
        return text;
    }

    private static Object narrow(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValueExact() : value;
    }
}
