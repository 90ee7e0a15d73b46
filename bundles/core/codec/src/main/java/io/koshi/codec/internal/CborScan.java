package io.koshi.codec.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.util.Arrays;
import java.util.Map;

/**
 * Checks that bytes are one well-formed CBOR map (RFC 8949), as strictly as {@link Cbor} reads it, and notes where the
 * map's members stand. What is rare (tags, indefinite lengths) it has {@link Cbor} read instead, and forgets the result.
 * Confined to one call.
 */
final class CborScan {
    private static final int INDEFINITE = 31;
    private static final int FEW = 12;

    private final byte[] bytes;
    private final KeyTable[] tables = new KeyTable[Codec.MAX_DEPTH];
    private int at;
    private int[] members = new int[4 * 8];
    private int count;

    private CborScan(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Scans a map.
     *
     * @return for each member the indices where its key's text begins and ends and its value begins and ends; null
     *     where it had to be read otherwise
     * @throws KoshiException PARSE_ERROR
     */
    static int[] map(byte[] item) {
        if (item.length == 0 || (item[0] & 0xFF) >> 5 != 5) {
            if (Cbor.parse(item) instanceof Map) { // behind a tag
                return null;
            }
            throw new KoshiException(ErrorCode.PARSE_ERROR, "malformed CBOR at byte 0: a map is expected");
        }
        CborScan scan = new CborScan(item);
        if (!scan.item(0)) {
            Cbor.parse(item);
            return null;
        }
        if (scan.at != item.length) {
            throw scan.malformed("something follows the value");
        }
        return Arrays.copyOf(scan.members, scan.count);
    }

    /** Passes over an item; false where it is of a rare kind. */
    private boolean item(int depth) {
        int first = next();
        int info = first & 31;
        if (info == INDEFINITE) {
            return false;
        }
        switch (first >> 5) {
            case 0, 1 -> number(info);
            case 2 -> {
                int length = length(info, 1);
                at += length;
            }
            case 3 -> text(info);
            case 4 -> {
                return list(info, depth);
            }
            case 5 -> {
                return map(info, depth);
            }
            case 7 -> {
                return simple(info);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean list(int info, int depth) {
        enter(depth);
        int items = length(info, 1);
        for (int i = 0; i < items; i++) {
            if (!item(depth + 1)) {
                return false;
            }
        }
        return true;
    }

    private boolean map(int info, int depth) {
        enter(depth);
        int pairs = length(info, 2);
        int[] seen = pairs <= FEW ? new int[pairs] : null;
        KeyTable keys = pairs <= FEW ? null : table(depth);
        for (int i = 0; i < pairs; i++) {
            int key = at;
            int head = next();
            if (head >> 5 != 3) {
                throw malformed("a key must be a text string");
            }
            if ((head & 31) == INDEFINITE) {
                return false;
            }
            int length = text(head & 31);
            if (keys != null ? !keys.add(key, KeyTable.hash(bytes, at - length, at)) : again(seen, i, key)) {
                throw malformed("a key stands twice in one map");
            }
            int value = at;
            if (!item(depth + 1)) {
                return false;
            }
            if (depth == 0) {
                note(value - length, value, value, at);
            }
        }
        return true;
    }

    private KeyTable table(int depth) {
        if (tables[depth] == null) {
            tables[depth] = new KeyTable(this::sameKey);
        }
        tables[depth].clear();
        return tables[depth];
    }

    private boolean again(int[] seen, int count, int key) {
        for (int i = 0; i < count; i++) {
            if (sameKey(seen[i], key)) {
                return true;
            }
        }
        seen[count] = key;
        return false;
    }

    private boolean sameKey(int one, int other) {
        int a = textAt(one);
        int b = textAt(other);
        return Arrays.equals(bytes, a, a + lengthAt(one), bytes, b, b + lengthAt(other));
    }

    private int textAt(int head) {
        int info = bytes[head] & 31;
        return head + 1 + (info < 24 ? 0 : 1 << info - 24);
    }

    private int lengthAt(int head) {
        int back = at;
        at = head + 1;
        int length = (int) number(bytes[head] & 31);
        at = back;
        return length;
    }

    private int text(int info) {
        int length = length(info, 1);
        int fault = Utf8.firstFault(bytes, at, at + length);
        if (fault >= 0) {
            at = fault;
            throw malformed("this is no UTF-8");
        }
        at += length;
        return length;
    }

    private boolean simple(int info) {
        switch (info) {
            case 20, 21, 22, 23 -> {
                return true;
            }
            case 26 -> {
                if (!Float.isFinite(Float.intBitsToFloat((int) number(info)))) {
                    throw malformed("a number must be finite");
                }
                return true;
            }
            case 27 -> {
                if (!Double.isFinite(Double.longBitsToDouble(number(info)))) {
                    throw malformed("a number must be finite");
                }
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    private void enter(int depth) {
        if (depth >= Codec.MAX_DEPTH) {
            throw malformed("nested deeper than " + Codec.MAX_DEPTH);
        }
    }

    /** A length that is believed only as far as so many bytes each are there. */
    private int length(int info, int each) {
        long length = number(info);
        if (length < 0 || length > (bytes.length - at) / each) {
            at = bytes.length;
            throw malformed("the item ends too early");
        }
        return (int) length;
    }

    private long number(int info) {
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw malformed("this head is reserved");
        }
        int width = 1 << info - 24;
        if (bytes.length - at < width) {
            at = bytes.length;
            throw malformed("the item ends too early");
        }
        long value = 0;
        for (int i = 0; i < width; i++) {
            value = value << 8 | bytes[at++] & 0xFF;
        }
        return value;
    }

    private int next() {
        if (at >= bytes.length) {
            throw malformed("the item ends too early");
        }
        return bytes[at++] & 0xFF;
    }

    private void note(int... numbers) {
        if (count + numbers.length > members.length) {
            members = Arrays.copyOf(members, members.length * 2);
        }
        System.arraycopy(numbers, 0, members, count, numbers.length);
        count += numbers.length;
    }

    private KoshiException malformed(String why) {
        return new KoshiException(ErrorCode.PARSE_ERROR, "malformed CBOR at byte " + at + ": " + why);
    }
}
