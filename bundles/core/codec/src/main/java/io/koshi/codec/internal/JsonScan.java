package io.koshi.codec.internal;

import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Checks that bytes are one well-formed JSON object without building anything, as strictly as {@link
 * JsonTree} reads it, and notes where the object's members stand. Confined to one call.
 */
final class JsonScan extends JsonText {
    private static final int NUMBERS_PER_MEMBER = 4;

    private final KeyTable[] tables = new KeyTable[Codec.MAX_DEPTH];
    private int[] members = new int[NUMBERS_PER_MEMBER * 32];
    private int count;

    private JsonScan(byte[] bytes) {
        super(bytes, 0, bytes.length);
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
        scan.last();
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
        at++;
        space();
        if (peek() == '}') {
            at++;
            return;
        }
        KeyTable keys = keys(depth);
        do {
            space();
            int key = at;
            string();
            int keyEnd = at;
            if (!keys.add(key, hash(key, keyEnd))) {
                throw malformed("a key stands here twice in one object");
            }
            colon();
            int value = at;
            value(depth + 1);
            if (depth == 0) {
                note(key, keyEnd, value, at);
            }
            space();
        } while (!closes('}'));
    }

    private KeyTable keys(int depth) {
        KeyTable keys = tables[depth];
        if (keys == null) {
            keys = new KeyTable(this);
            tables[depth] = keys;
        }
        keys.clear();
        return keys;
    }

    private void list(int depth) {
        enter(depth);
        at++;
        space();
        if (peek() == ']') {
            at++;
            return;
        }
        do {
            space();
            value(depth + 1);
            space();
        } while (!closes(']'));
    }

    private void note(int... numbers) {
        if (count + numbers.length > members.length) {
            members = Arrays.copyOf(members, members.length * 2);
        }
        System.arraycopy(numbers, 0, members, count, numbers.length);
        count += numbers.length;
    }

    /** Of what a key says, not of how it is written. */
    private long hash(int from, int to) {
        if (!escaped) {
            return KeyTable.hash(bytes, from + 1, to - 1);
        }
        byte[] plain = text(from, to - 1).getBytes(StandardCharsets.UTF_8);
        return KeyTable.hash(plain, 0, plain.length);
    }

    /** Whether two keys, given by the indices of their opening quotes, say the same. */
    boolean sameKey(int one, int other) {
        return JsonTree.string(bytes, one).equals(JsonTree.string(bytes, other));
    }
}
