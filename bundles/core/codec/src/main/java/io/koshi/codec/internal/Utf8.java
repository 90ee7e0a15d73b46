package io.koshi.codec.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Strict UTF-8: well-formed as table 3-7 of the Unicode standard says, nothing longer than it must be. */
final class Utf8 {
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NOT_ASCII = 0x8080808080808080L;
    private static final long ONES = 0x0101010101010101L;
    private static final long SPACES = ' ' * ONES;
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;
    private static final int REPLACEMENT = 0xFFFD;

    private Utf8() {}

    /** The index of the first byte that is not well-formed UTF-8 between two indices, -1 when all is well. */
    static int firstFault(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            if (to - i >= 8 && (eight(bytes, i) & NOT_ASCII) == 0) {
                i += 8;
                continue;
            }
            int b = bytes[i];
            if (b >= 0) {
                i++;
                continue;
            }
            int width = width(bytes, i, to);
            if (width == 0) {
                return i;
            }
            i += width;
        }
        return -1;
    }

    /** How many bytes the sequence of a code point past ASCII takes, 0 when it is malformed. */
    static int width(byte[] bytes, int i, int to) {
        int first = bytes[i] & 0xFF;
        if (first >= 0xC2 && first <= 0xDF) {
            return i + 1 < to && within(bytes[i + 1], 0x80, 0xBF) ? 2 : 0;
        }
        if (first >= 0xE0 && first <= 0xEF) {
            int low = first == 0xE0 ? 0xA0 : 0x80;
            int high = first == 0xED ? 0x9F : 0xBF;
            return i + 2 < to && within(bytes[i + 1], low, high) && within(bytes[i + 2], 0x80, 0xBF) ? 3 : 0;
        }
        if (first >= 0xF0 && first <= 0xF4) {
            int low = first == 0xF0 ? 0x90 : 0x80;
            int high = first == 0xF4 ? 0x8F : 0xBF;
            return i + 3 < to
                            && within(bytes[i + 1], low, high)
                            && within(bytes[i + 2], 0x80, 0xBF)
                            && within(bytes[i + 3], 0x80, 0xBF)
                    ? 4
                    : 0;
        }
        return 0;
    }

    /** Eight bytes as one number, the first the lowest. */
    static long eight(byte[] bytes, int i) {
        return (long) EIGHT.get(bytes, i);
    }

    /**
     * The index of the first byte from an index on that is no plain character of a JSON string: a quote,
     * a backslash, a control character or past ASCII. Eight at a time: a byte is below n where taking n
     * from it borrows (Warren, Hacker's Delight, 6-1); the lowest such mark is exact.
     */
    static int plainEnd(byte[] bytes, int from) {
        int i = from;
        for (; bytes.length - i >= 8; i += 8) {
            long word = eight(bytes, i);
            long quote = word ^ QUOTES;
            long backslash = word ^ BACKSLASHES;
            long marks =
                    (word - SPACES & ~word | quote - ONES & ~quote | backslash - ONES & ~backslash | word) & NOT_ASCII;
            if (marks != 0) {
                return i + (Long.numberOfTrailingZeros(marks) >>> 3);
            }
        }
        while (i < bytes.length && bytes[i] >= 0x20 && bytes[i] != '"' && bytes[i] != '\\') {
            i++;
        }
        return i;
    }

    private static boolean within(byte b, int low, int high) {
        int value = b & 0xFF;
        return value >= low && value <= high;
    }

    /** How many bytes a string takes; half a surrogate pair counts as the replacement character. */
    static int length(String text) {
        int chars = text.length();
        int bytes = chars;
        for (int i = 0; i < chars; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                if (c < 0x800) {
                    bytes++;
                } else if (Character.isHighSurrogate(c)
                        && i + 1 < chars
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    bytes += 2;
                    i++;
                } else {
                    bytes += 2;
                }
            }
        }
        return bytes;
    }

    /** The code point at an index; the replacement character for half a surrogate pair. */
    static int point(String text, int i) {
        int point = text.codePointAt(i);
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? REPLACEMENT : point;
    }
}
