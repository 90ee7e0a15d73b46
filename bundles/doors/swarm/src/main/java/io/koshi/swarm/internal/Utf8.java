package io.koshi.swarm.internal;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** UTF-8 as Python reads it: what is none is refused in its words, and never replaced. */
final class Utf8 {
    private Utf8() {}

    /** Whether there may be something in it that JSON readers let pass and Python does not: a mark, or a surrogate. */
    static boolean suspicious(byte[] bytes) {
        if (bytes.length > 0 && bytes[0] == (byte) 0xef) {
            return true;
        }
        for (int i = 0; i + 1 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xed && (bytes[i + 1] & 0xff) >= 0xa0) {
                return true;
            }
        }
        return false;
    }

    /** @throws Refusal with Python's text */
    static String text(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf('\ufffd') < 0) {
            return text;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean broken = StandardCharsets.UTF_8
                .newDecoder()
                .decode(in, CharBuffer.allocate(bytes.length), true)
                .isError();
        if (!broken) {
            return text; // the character itself was sent
        }
        int at = in.position();
        int first = bytes[at] & 0xff;
        if (first < 0xc2 || first > 0xf4) {
            throw refusal(bytes, at, at, "invalid start byte");
        }
        int last = at;
        while (last + 1 < Math.min(bytes.length, at + length(first)) && continues(first, bytes[last + 1], last == at)) {
            last++;
        }
        throw refusal(
                bytes, at, last, last + 1 == bytes.length ? "unexpected end of data" : "invalid continuation byte");
    }

    private static Refusal refusal(byte[] bytes, int from, int to, String why) {
        return new Refusal(
                from == to
                        ? String.format(
                                "'utf-8' codec can't decode byte 0x%02x in position %d: %s", bytes[from], from, why)
                        : String.format("'utf-8' codec can't decode bytes in position %d-%d: %s", from, to, why));
    }

    private static int length(int first) {
        return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    }

    /** Whether a byte may come next: the second one has fewer values where the first would allow too much. */
    private static boolean continues(int first, byte next, boolean second) {
        int value = next & 0xff;
        int low = second && first == 0xe0 ? 0xa0 : second && first == 0xf0 ? 0x90 : 0x80;
        int high = second && first == 0xed ? 0x9f : second && first == 0xf4 ? 0x8f : 0xbf;
        return value >= low && value <= high;
    }
}
