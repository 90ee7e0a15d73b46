package io.koshi.codec.internal;

import io.koshi.codec.RawCbor;
import io.koshi.codec.RawObject;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Writes CBOR (RFC 8949): definite lengths, the shortest heads, 64-bit floats, tags 2 and 3 for whole
 * numbers past 64 bits and tag 4 for decimal fractions. Confined to one call.
 */
final class CborSink implements Sink {
    private static final int UNSIGNED = 0;
    private static final int NEGATIVE = 1 << 5;
    private static final int BYTES = 2 << 5;
    private static final int TEXT = 3 << 5;
    private static final int ARRAY = 4 << 5;
    private static final int MAP = 5 << 5;
    private static final int TAG = 6 << 5;
    private static final BigInteger MINUS_ONE = BigInteger.ONE.negate();

    private final Out out = new Out();

    byte[] toBytes() {
        return out.toBytes();
    }

    /** Keeps room for the head, since the number of members is known only at the end. */
    @Override
    public int startMap(int most) {
        int mark = out.length();
        head(out, MAP, most);
        return mark;
    }

    @Override
    public void endMap(int mark, int count) {
        int width = out.at(mark) & 31;
        if (width < 24) {
            out.set(mark, MAP | count);
        } else {
            for (int i = 1 << width - 24, rest = count; i > 0; i--, rest >>>= 8) {
                out.set(mark + i, rest);
            }
        }
    }

    @Override
    public void key(Key key) {
        out.put(key.cbor());
    }

    @Override
    public void key(String key) {
        text(out, key);
    }

    @Override
    public void startList(int count) {
        head(out, ARRAY, count);
    }

    @Override
    public void endList() {}

    @Override
    public void text(String value) {
        text(out, value);
    }

    @Override
    public void whole(long value) {
        if (value >= 0) {
            head(out, UNSIGNED, value);
        } else {
            head(out, NEGATIVE, ~value);
        }
    }

    @Override
    public void whole(BigInteger value) {
        boolean negative = value.signum() < 0;
        BigInteger magnitude = negative ? MINUS_ONE.subtract(value) : value;
        if (magnitude.bitLength() < 64) {
            head(out, negative ? NEGATIVE : UNSIGNED, magnitude.longValue());
        } else if (magnitude.bitLength() == 64) {
            out.put((negative ? NEGATIVE : UNSIGNED) | 27);
            out.bigEndian(magnitude.longValue(), 8);
        } else {
            head(out, TAG, negative ? 3 : 2);
            bytes(magnitude.toByteArray()); // with a leading zero, as readers that take it for signed need
        }
    }

    @Override
    public void real(double value) {
        out.put(0xFB);
        out.bigEndian(Double.doubleToRawLongBits(value), 8);
    }

    @Override
    public void real(BigDecimal value) {
        head(out, TAG, 4);
        head(out, ARRAY, 2);
        whole(-(long) value.scale());
        whole(value.unscaledValue());
    }

    @Override
    public void truth(boolean value) {
        out.put(value ? 0xF5 : 0xF4);
    }

    @Override
    public void bytes(byte[] value) {
        head(out, BYTES, value.length);
        out.put(value);
    }

    @Override
    public void nothing() {
        out.put(0xF6);
    }

    @Override
    public boolean raw(RawObject value) {
        return false;
    }

    @Override
    public boolean raw(RawCbor value) {
        out.put(value.cbor());
        return true;
    }

    static void text(Out out, String value) {
        int bytes = Utf8.length(value);
        int chars = value.length();
        head(out, TEXT, bytes);
        if (bytes == chars) {
            out.ascii(value);
            return;
        }
        for (int i = 0; i < chars; i++) {
            int point = Utf8.point(value, i);
            out.utf8(point);
            i += point >= Character.MIN_SUPPLEMENTARY_CODE_POINT ? 1 : 0;
        }
    }

    private static void head(Out out, int major, long value) {
        if (value < 24) {
            out.put(major | (int) value);
        } else if (value < 1L << 8) {
            out.put(major | 24);
            out.put((int) value);
        } else if (value < 1L << 16) {
            out.put(major | 25);
            out.bigEndian(value, 2);
        } else if (value < 1L << 32) {
            out.put(major | 26);
            out.bigEndian(value, 4);
        } else {
            out.put(major | 27);
            out.bigEndian(value, 8);
        }
    }
}
