package io.koshi.cli;

import io.koshi.client.Cbor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plain data to JSON (RFC 8259) and back, by hand for the same reason as {@link Cbor}. Confined to one thread. */
final class Json {
    private static final int DEEPEST = 64;

    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** One line of JSON. */
    static String write(Object value) {
        StringBuilder out = new StringBuilder(256);
        write(out, value);
        return out.toString();
    }

    /** @throws IllegalArgumentException saying where it is not JSON */
    static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value(0);
        json.space();
        if (json.at < text.length()) {
            throw json.wrong("nothing more");
        }
        return value;
    }

    private static void write(StringBuilder out, Object value) {
        if (value instanceof String string) {
            quote(out, string);
        } else if (value instanceof Map<?, ?> map) {
            char between = '{';
            for (Map.Entry<?, ?> each : map.entrySet()) {
                out.append(between);
                quote(out, String.valueOf(each.getKey()));
                out.append(':');
                write(out, each.getValue());
                between = ',';
            }
            out.append(between == '{' ? "{}" : "}");
        } else if (value instanceof List<?> list) {
            char between = '[';
            for (Object each : list) {
                out.append(between);
                write(out, each);
                between = ',';
            }
            out.append(between == '[' ? "[]" : "]");
        } else if (value instanceof byte[] blob) {
            quote(out, Base64.getEncoder().encodeToString(blob));
        } else if (value instanceof Double number && !(Math.abs(number) <= Double.MAX_VALUE)) {
            out.append("null");
        } else {
            out.append(value);
        }
    }

    private static void quote(StringBuilder out, String string) {
        out.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c >= 0x7f && c < 0xa0) {
                        out.append("\\u00")
                                .append(Character.forDigit(c >> 4, 16))
                                .append(Character.forDigit(c & 15, 16));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private Object value(int depth) {
        space();
        if (depth > DEEPEST) {
            throw wrong("less nesting");
        }
        char c = at < text.length() ? text.charAt(at) : 0;
        return switch (c) {
            case '{' -> map(depth);
            case '[' -> list(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> map(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        if (comes('}')) {
            return map;
        }
        do {
            space();
            String name = string();
            if (!comes(':')) {
                throw wrong("':'");
            }
            map.put(name, value(depth + 1));
        } while (comes(','));
        if (!comes('}')) {
            throw wrong("',' or '}'");
        }
        return map;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        at++;
        if (comes(']')) {
            return list;
        }
        do {
            list.add(value(depth + 1));
        } while (comes(','));
        if (!comes(']')) {
            throw wrong("',' or ']'");
        }
        return list;
    }

    private String string() {
        if (at >= text.length() || text.charAt(at) != '"') {
            throw wrong("a text in double quotes");
        }
        StringBuilder out = new StringBuilder();
        for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
            char c = text.charAt(at);
            if (c < ' ') {
                throw wrong("the text to end");
            }
            out.append(c == '\\' ? escaped() : c);
        }
        if (at++ >= text.length()) {
            throw wrong("'\"'");
        }
        return out.toString();
    }

    private char escaped() {
        at++;
        char c = at < text.length() ? text.charAt(at) : 0;
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                try {
                    char unit = (char) Integer.parseInt(text, at + 1, at + 5, 16);
                    at += 4;
                    yield unit;
                } catch (NumberFormatException | IndexOutOfBoundsException e) {
                    throw wrong("four hexadecimal digits");
                }
            }
            default -> throw wrong("an escape of JSON");
        };
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("a value");
        }
        at += word.length();
        return value;
    }

    private Object number() {
        int from = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(from, at);
        try {
            if (number.matches("-?(0|[1-9][0-9]*)")) {
                BigInteger big = new BigInteger(number);
                return big.bitLength() < 64 ? (Object) big.longValue() : big;
            }
            if (!number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
                throw new NumberFormatException(number);
            }
            return new BigDecimal(number).doubleValue();
        } catch (NumberFormatException e) {
            at = from;
            throw wrong("a value");
        }
    }

    private boolean comes(char c) {
        space();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String expected) {
        return new IllegalArgumentException("at character " + (at + 1) + " " + expected + " is expected");
    }
}
