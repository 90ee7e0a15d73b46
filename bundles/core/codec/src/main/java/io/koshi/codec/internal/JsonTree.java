package io.koshi.codec.internal;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON (RFC 8259) as plain data: UTF-8 only, one value, no key twice. Confined to one call. */
final class JsonTree extends JsonText {
    /** Digits that fit a long whatever they are. */
    private static final int SURE = 18;

    private JsonTree(byte[] utf8, int from, int end) {
        super(utf8, from, end);
    }

    /** @throws io.koshi.api.KoshiException PARSE_ERROR */
    static Object parse(byte[] utf8) {
        JsonTree tree = new JsonTree(utf8, 0, utf8.length);
        tree.space();
        Object value = tree.value(0);
        tree.last();
        return value;
    }

    /** What the string says that begins at an index of a text that was checked before. */
    static String string(byte[] utf8, int quote) {
        JsonTree tree = new JsonTree(utf8, quote, utf8.length);
        tree.string();
        return tree.text(quote, tree.at - 1);
    }

    /**
     * Follows a path from its second step on into a value of a text that was checked before.
     *
     * @return the scalar there, null where there is none
     */
    static Object find(byte[] utf8, int from, int end, String[] path) {
        JsonTree tree = new JsonTree(utf8, from, end);
        for (int i = 1; i < path.length; i++) {
            boolean found = tree.peek() == '{' ? tree.member(path[i]) : tree.peek() == '[' && tree.item(index(path[i]));
            if (!found) {
                return null;
            }
        }
        return tree.peek() == '{' || tree.peek() == '[' ? null : tree.value(0);
    }

    /** The place in a list that a step of a path names, -1 where it names none. */
    static int index(String step) {
        boolean digits = !step.isEmpty() && step.length() <= 9 && step.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Integer.parseInt(step) : -1;
    }

    private boolean member(String name) {
        at++;
        space();
        while (peek() != '}') {
            int quote = at;
            string();
            boolean found = text(quote, at - 1).equals(name);
            colon();
            if (found) {
                return true;
            }
            skip();
        }
        return false;
    }

    private boolean item(int index) {
        at++;
        space();
        for (int i = 0; peek() != ']'; i++) {
            if (i == index) {
                return true;
            }
            skip();
        }
        return false;
    }

    /** Passes over a value and a comma after it, minding no more than where they end. */
    private void skip() {
        int open = 0;
        do {
            byte b = peek();
            if (b == '"') {
                string();
                continue;
            }
            open += b == '{' || b == '[' ? 1 : b == '}' || b == ']' ? -1 : 0;
            at++;
        } while (open > 0 || peek() != ',' && peek() != '}' && peek() != ']');
        if (peek() == ',') {
            at++;
        }
        space();
    }

    private Object value(int depth) {
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return list(depth);
            case '"':
                int quote = at;
                string();
                return text(quote, at - 1);
            case 't':
                word("true");
                return Boolean.TRUE;
            case 'f':
                word("false");
                return Boolean.FALSE;
            case 'n':
                word("null");
                return null;
            default:
                return numeric();
        }
    }

    private Object numeric() {
        int from = at;
        number();
        if (!fraction && at - from <= SURE) {
            boolean negative = bytes[from] == '-';
            long value = 0;
            for (int i = negative ? from + 1 : from; i < at; i++) {
                value = value * 10 + bytes[i] - '0';
            }
            return negative ? -value : value;
        }
        String text = new String(bytes, from, at - from, StandardCharsets.ISO_8859_1);
        if (fraction) {
            return Numbers.fromText(text);
        }
        BigInteger value = new BigInteger(text);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private Map<String, Object> object(int depth) {
        enter(depth);
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        space();
        if (peek() == '}') {
            at++;
            return map;
        }
        do {
            space();
            int quote = at;
            string();
            String key = text(quote, at - 1);
            colon();
            int before = map.size();
            map.put(key, value(depth + 1));
            if (map.size() == before) {
                throw malformed("a key stands here twice in one object");
            }
            space();
        } while (!closes('}'));
        return map;
    }

    private List<Object> list(int depth) {
        enter(depth);
        List<Object> list = new ArrayList<>();
        at++;
        space();
        if (peek() == ']') {
            at++;
            return list;
        }
        do {
            space();
            list.add(value(depth + 1));
            space();
        } while (!closes(']'));
        return list;
    }
}
