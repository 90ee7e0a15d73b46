package io.koshi.codec.internal;

import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Checks that bytes are one well-formed JSON object (RFC 8259) without building anything, as strictly as
 * {@link Json} reads it, and notes where the object's members stand. Confined to one call.
 */
final class JsonScan {
    private static final int NUMBERS_PER_MEMBER = 4;

    private final byte[] bytes;
    private final KeyTable[] tables = new KeyTable[Codec.MAX_DEPTH];
    private int at;
    private boolean escaped;
    private int[] members = new int[NUMBERS_PER_MEMBER * 32];
    private int count;

    private JsonScan(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Scans an object.
     *
     * @return for each member the indices where its key begins and ends and its value begins and ends
     * @throws io.koshi.api.KoshiException PARSE_ERROR
     */
    static int[] object(byte[] utf8) {
        JsonScan scan = new JsonScan(utf8);
        scan.space();
        if (scan.peek() != '{') {
            throw scan.malformed("an object is expected");
        }
        scan.object(0);
        scan.space();
        if (scan.at < utf8.length) {
            throw scan.malformed("something follows the value");
        }
        return Arrays.copyOf(scan.members, scan.count);
    }

    private void value(int depth) {
        switch (peek()) {
            case '{' -> object(depth);
            case '[' -> list(depth);
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        }
    }

    private void object(int depth) {
        enter(depth);
        KeyTable keys = tables[depth];
        if (keys == null) {
            keys = new KeyTable(this::sameKey);
            tables[depth] = keys;
        }
        keys.clear();
        at++;
        space();
        if (peek() == '}') {
            at++;
            return;
        }
        while (true) {
            int key = at;
            if (peek() != '"') {
                throw malformed("a key is expected");
            }
            string();
            int keyEnd = at;
            if (!keys.add(key, hash(key, keyEnd))) {
                throw malformed("a key stands here twice in one object");
            }
            space();
            if (peek() != ':') {
                throw malformed("a colon is expected");
            }
            at++;
            space();
            int value = at;
            value(depth + 1);
            if (depth == 0) {
                note(key, keyEnd, value, at);
            }
            space();
            byte next = peek();
            at++;
            if (next == '}') {
                return;
            }
            if (next != ',') {
                at--;
                throw malformed("a comma is expected");
            }
            space();
        }
    }

    private void list(int depth) {
        enter(depth);
        at++;
        space();
        if (peek() == ']') {
            at++;
            return;
        }
        while (true) {
            value(depth + 1);
            space();
            byte next = peek();
            if (next != ']' && next != ',') {
                throw malformed("a comma is expected");
            }
            at++;
            if (next == ']') {
                return;
            }
            space();
        }
    }

    private void enter(int depth) {
        if (depth >= Codec.MAX_DEPTH) {
            throw malformed("nested deeper than " + Codec.MAX_DEPTH);
        }
    }

    private void note(int... numbers) {
        if (count + numbers.length > members.length) {
            members = Arrays.copyOf(members, members.length * 2);
        }
        System.arraycopy(numbers, 0, members, count, numbers.length);
        count += numbers.length;
    }

    /** Passes over a string and remembers whether anything in it was escaped. */
    private void string() {
        escaped = false;
        at++;
        while (true) {
            at = Utf8.plainEnd(bytes, at);
            byte b = peek();
            if (b == '"') {
                at++;
                return;
            }
            if (b == '\\') {
                escaped = true;
                at++;
                escape();
            } else if (b >= 0) {
                throw malformed("a control character must be escaped");
            } else {
                int width = Utf8.width(bytes, at, bytes.length);
                if (width == 0) {
                    throw malformed("this is no UTF-8");
                }
                at += width;
            }
        }
    }

    private void escape() {
        byte b = peek();
        at++;
        if (b == 'u') {
            for (int i = 0; i < 4; i++) {
                if (Character.digit(peek(), 16) < 0) {
                    throw malformed("four hexadecimal digits are expected");
                }
                at++;
            }
        } else if ("\"\\/bfnrt".indexOf(b) < 0) {
            throw malformed("this cannot be escaped");
        }
    }

    private void number() {
        int from = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < bytes.length && bytes[at] == '.') {
            at++;
            digits();
        }
        boolean exponent = at < bytes.length && (bytes[at] == 'e' || bytes[at] == 'E');
        if (exponent) {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        if (at - from > Json.MAX_NUMBER) {
            throw malformed("a number is too long");
        }
        if (exponent) {
            try {
                Numbers.fromText(new String(bytes, from, at - from, StandardCharsets.US_ASCII));
            } catch (NumberFormatException e) {
                throw malformed("a number's exponent is out of range");
            }
        }
    }

    private void digits() {
        int from = at;
        while (at < bytes.length && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == from) {
            throw malformed("this is not expected here");
        }
    }

    private void word(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (peek() != word.charAt(i)) {
                throw malformed("this is not expected here");
            }
            at++;
        }
    }

    private void space() {
        while (at < bytes.length) {
            byte b = bytes[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return;
            }
            at++;
        }
    }

    private byte peek() {
        if (at >= bytes.length) {
            throw malformed("the text ends too early");
        }
        return bytes[at];
    }

    /** Of what a key says, not of how it is written. */
    private long hash(int from, int to) {
        if (!escaped) {
            return KeyTable.hash(bytes, from + 1, to - 1);
        }
        byte[] plain = text(from).getBytes(StandardCharsets.UTF_8);
        return KeyTable.hash(plain, 0, plain.length);
    }

    /** Whether two keys, given by the indices of their opening quotes, say the same. */
    private boolean sameKey(int one, int other) {
        return text(one).equals(text(other));
    }

    private String text(int quote) {
        int end = quote + 1;
        while (bytes[end] != '"') {
            end += bytes[end] == '\\' ? 2 : 1;
        }
        byte[] quoted = Arrays.copyOfRange(bytes, quote, end + 1);
        return (String) Json.parse(quoted);
    }

    private RuntimeException malformed(String why) {
        return Json.malformed(why, at, null);
    }
}
