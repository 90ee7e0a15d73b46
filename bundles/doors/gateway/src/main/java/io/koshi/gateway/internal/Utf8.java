package io.koshi.gateway.internal;

/** Tells whether bytes that come in pieces are UTF-8 (RFC 3629, section 4), at the first that cannot be. Confined to one thread. */
final class Utf8 {
    private int due; // bytes that the character under way still has
    private int low;
    private int high;

    /** Another text begins. */
    void begin() {
        due = 0;
    }

    /** Takes the next bytes; false when they are no UTF-8. */
    boolean take(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            int next = bytes[i];
            if (due == 0) {
                if (next < 0 && !first(next & 255)) {
                    return false;
                }
            } else {
                next &= 255;
                if (next < low || next > high) {
                    return false;
                }
                low = 0x80;
                high = 0xBF;
                due--;
            }
        }
        return true;
    }

    /** Whether no character is cut off at the end. */
    boolean whole() {
        return due == 0;
    }

    /** No overlong forms, no halves of pairs, nothing past U+10FFFF. */
    private boolean first(int lead) {
        due = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        return lead >= 0xC2 && lead <= 0xF4;
    }
}
