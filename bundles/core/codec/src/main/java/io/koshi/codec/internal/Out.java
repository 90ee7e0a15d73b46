package io.koshi.codec.internal;

import java.util.Arrays;

/** Bytes being written, in an array that grows. Confined to one call. */
final class Out {
    private byte[] buffer = new byte[256];
    private int length;

    int length() {
        return length;
    }

    /** The last byte written, 0 before the first. */
    byte last() {
        return length == 0 ? 0 : buffer[length - 1];
    }

    void put(int b) {
        ensure(1);
        buffer[length++] = (byte) b;
    }

    void put(byte[] bytes) {
        ensure(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
    }

    byte at(int index) {
        return buffer[index];
    }

    /** Changes a byte written before. */
    void set(int at, int b) {
        buffer[at] = (byte) b;
    }

    /** The low {@code width} bytes of a number, most significant first. */
    void bigEndian(long value, int width) {
        ensure(width);
        for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
            buffer[length++] = (byte) (value >>> shift);
        }
    }

    /** A string of ASCII characters. */
    void ascii(String text) {
        int count = text.length();
        ensure(count);
        for (int i = 0; i < count; i++) {
            buffer[length++] = (byte) text.charAt(i);
        }
    }

    /** Characters from an index on that JSON takes as they are; returns the index of the first it does not. */
    int plain(String text, int from) {
        int count = text.length();
        ensure(count - from);
        byte[] into = buffer;
        int at = length;
        int i = from;
        for (; i < count; i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
                break;
            }
            into[at++] = (byte) c;
        }
        length = at;
        return i;
    }

    /** A number in decimal. */
    void decimal(long value) {
        if (value >= 0 && value < 10) {
            put('0' + (int) value);
            return;
        }
        if (value == Long.MIN_VALUE) {
            ascii("-9223372036854775808");
            return;
        }
        long rest = Math.abs(value);
        int digits = 0;
        for (long left = rest; left > 0; left /= 10) {
            digits++;
        }
        ensure(digits + 1);
        if (value < 0) {
            buffer[length++] = '-';
        }
        for (int at = length + digits - 1; at >= length; at--) {
            buffer[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /** One code point in UTF-8 (RFC 3629). */
    void utf8(int point) {
        ensure(4);
        if (point < 0x80) {
            buffer[length++] = (byte) point;
        } else if (point < 0x800) {
            buffer[length++] = (byte) (0xC0 | point >> 6);
            buffer[length++] = (byte) (0x80 | point & 0x3F);
        } else if (point < 0x10000) {
            buffer[length++] = (byte) (0xE0 | point >> 12);
            buffer[length++] = (byte) (0x80 | point >> 6 & 0x3F);
            buffer[length++] = (byte) (0x80 | point & 0x3F);
        } else {
            buffer[length++] = (byte) (0xF0 | point >> 18);
            buffer[length++] = (byte) (0x80 | point >> 12 & 0x3F);
            buffer[length++] = (byte) (0x80 | point >> 6 & 0x3F);
            buffer[length++] = (byte) (0x80 | point & 0x3F);
        }
    }

    byte[] toBytes() {
        return Arrays.copyOf(buffer, length);
    }

    private void ensure(int more) {
        if (buffer.length - length < more) {
            buffer = Arrays.copyOf(buffer, Math.max(Math.addExact(length, more), buffer.length + (buffer.length >> 1)));
        }
    }
}
