package io.koshi.swarm.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON as Python's {@code json.loads} does and complains in its words, which older clients show to people. Another
 * door has its own: each of the older doors can be deleted alone, and these words go with the last of them.
 * Confined to one call.
 */
final class PythonJson {
    private static final int MAX_DEPTH = 64;
    private static final java.util.regex.Pattern ID = java.util.regex.Pattern.compile(
            "\\s*\\{\\s*(\"jsonrpc\"\\s*:\\s*\"[\\d.]*\"\\s*,\\s*)?(\"method\"\\s*:\\s*\"\\w*\"\\s*,\\s*)?\"id\"\\s*:\\s*");

    private final String text;
    private int at;

    private PythonJson(String text) {
        this.text = text;
    }

    /** @throws Refusal with Python's text */
    static Object parse(String text) {
        PythonJson json = new PythonJson(text);
        if (text.startsWith("\ufeff")) {
            throw json.fault("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0);
        }
        json.space();
        Object value = json.value(0);
        json.space();
        if (json.at < text.length()) {
            throw json.fault("Extra data", json.at);
        }
        return value;
    }

    /** The id of a request of which only the beginning is known: every client writes it first, or after the version. */
    static Object id(String beginning) {
        java.util.regex.Matcher place = ID.matcher(beginning);
        if (!place.lookingAt()) {
            return null;
        }
        PythonJson json = new PythonJson(beginning);
        json.at = place.end();
        try {
            return json.value(0);
        } catch (Refusal cut) {
            return null;
        }
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw new Refusal("maximum recursion depth exceeded while decoding a JSON object from a unicode string");
        }
        int start = at;
        if (at >= text.length()) {
            throw fault("Expecting value", start);
        }
        char c = text.charAt(at);
        if (c == '"') {
            at++;
            return string(start);
        }
        if (c == '{') {
            at++;
            return object(depth);
        }
        if (c == '[') {
            at++;
            return list(depth);
        }
        if (c == '-' || c >= '0' && c <= '9') {
            return number(start);
        }
        for (String word : List.of("null", "true", "false", "NaN", "Infinity")) {
            if (text.startsWith(word, at)) {
                at += word.length();
                return word.equals("true") ? Boolean.TRUE : word.equals("false") ? Boolean.FALSE : null;
            }
        }
        throw fault("Expecting value", start);
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        space();
        if (next('}')) {
            return object;
        }
        while (true) {
            int start = at;
            if (!next('"')) {
                throw fault("Expecting property name enclosed in double quotes", start);
            }
            String key = string(start);
            space();
            if (!next(':')) {
                throw fault("Expecting ':' delimiter", at);
            }
            space();
            object.put(key, value(depth + 1));
            space();
            if (next('}')) {
                return object;
            }
            if (!next(',')) {
                throw fault("Expecting ',' delimiter", at);
            }
            space();
        }
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        space();
        if (next(']')) {
            return list;
        }
        while (true) {
            list.add(value(depth + 1));
            space();
            if (next(']')) {
                return list;
            }
            if (!next(',')) {
                throw fault("Expecting ',' delimiter", at);
            }
            space();
        }
    }

    private String string(int start) {
        StringBuilder out = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return out.toString();
            }
            if (c < ' ') {
                throw fault("Invalid control character at", at - 1);
            }
            out.append(c == '\\' ? escape(start) : c);
        }
        throw fault("Unterminated string starting at", start);
    }

    private char escape(int start) {
        if (at >= text.length()) {
            throw fault("Unterminated string starting at", start);
        }
        char c = text.charAt(at++);
        switch (c) {
            case '"', '\\', '/' -> {
                return c;
            }
            case 'b' -> {
                return '\b';
            }
            case 'f' -> {
                return '\f';
            }
            case 'n' -> {
                return '\n';
            }
            case 'r' -> {
                return '\r';
            }
            case 't' -> {
                return '\t';
            }
            case 'u' -> {
                String digits = text.substring(at, Math.min(text.length(), at + 4));
                if (at + 4 >= text.length() || !digits.matches("[0-9a-fA-F]{4}")) {
                    throw fault("Invalid \\uXXXX escape", at - 1);
                }
                at += 4;
                return (char) Integer.parseInt(digits, 16);
            }
            default -> throw fault("Invalid \\escape", at - 2);
        }
    }

    private Object number(int start) {
        if (text.startsWith("-Infinity", at)) {
            at += 9;
            return null;
        }
        java.util.regex.Matcher matcher = java.util.regex.Pattern.compile("-?(?:0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?")
                .matcher(text)
                .region(at, Math.min(text.length(), at + 400));
        if (!matcher.lookingAt()) {
            throw fault("Expecting value", start);
        }
        at = matcher.end();
        String word = matcher.group();
        if (matcher.group(1) == null && matcher.group(2) == null) {
            java.math.BigInteger whole = new java.math.BigInteger(word);
            return whole.bitLength() < 64 ? (Object) whole.longValue() : whole;
        }
        double real = Double.parseDouble(word);
        return Double.isFinite(real) ? real : null; // as NaN and Infinity: no answer could repeat it
    }

    private boolean next(char wanted) {
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void space() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private Refusal fault(String what, int position) {
        int line = 1;
        int column = position + 1;
        for (int i = 0; i < position; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                column = position - i;
            }
        }
        return new Refusal(what + ": line " + line + " column " + column + " (char " + position + ")");
    }
}
