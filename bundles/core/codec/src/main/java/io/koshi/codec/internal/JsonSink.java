package io.koshi.codec.internal;

import io.koshi.codec.RawObject;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;

/** Writes JSON (RFC 8259), compact. Confined to one call. */
final class JsonSink implements Sink {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

    private final Out out = new Out();

    byte[] toBytes() {
        return out.toBytes();
    }

    @Override
    public int startMap(int most) {
        separate();
        out.put('{');
        return 0;
    }

    @Override
    public void endMap(int mark, int count) {
        out.put('}');
    }

    @Override
    public void key(Key key) {
        separate();
        out.put(key.json());
    }

    @Override
    public void key(String key) {
        separate();
        quote(out, key);
        out.put(':');
    }

    @Override
    public void startList(int count) {
        separate();
        out.put('[');
    }

    @Override
    public void endList() {
        out.put(']');
    }

    @Override
    public void text(String value) {
        separate();
        quote(out, value);
    }

    @Override
    public void whole(long value) {
        separate();
        out.decimal(value);
    }

    @Override
    public void whole(BigInteger value) {
        separate();
        out.ascii(value.toString());
    }

    @Override
    public void real(double value) {
        separate();
        out.ascii(Double.toString(value));
    }

    @Override
    public void real(BigDecimal value) {
        separate();
        out.ascii(value.toString());
    }

    @Override
    public void truth(boolean value) {
        separate();
        out.ascii(value ? "true" : "false");
    }

    @Override
    public void bytes(byte[] value) {
        separate();
        out.put('"');
        out.put(Base64.getEncoder().encode(value));
        out.put('"');
    }

    @Override
    public void nothing() {
        separate();
        out.ascii("null");
    }

    @Override
    public boolean raw(RawObject value) {
        separate();
        out.put(value.raw());
        return true;
    }

    /** A comma, unless this is the first of its container: no value ends in one of these three. */
    private void separate() {
        byte last = out.last();
        if (last != 0 && last != '{' && last != '[' && last != ':') {
            out.put(',');
        }
    }

    static void quote(Out out, String text) {
        out.put('"');
        int count = text.length();
        for (int i = out.plain(text, 0); i < count; i = out.plain(text, i)) {
            char c = text.charAt(i);
            if (c < 0x80) {
                escape(out, c);
                i++;
            } else {
                int point = Utf8.point(text, i);
                out.utf8(point);
                i += Character.charCount(point);
            }
        }
        out.put('"');
    }

    private static void escape(Out out, char c) {
        out.put('\\');
        switch (c) {
            case '"', '\\' -> out.put(c);
            case '\n' -> out.put('n');
            case '\r' -> out.put('r');
            case '\t' -> out.put('t');
            default -> {
                out.ascii("u00");
                out.put(HEX[c >> 4]);
                out.put(HEX[c & 15]);
            }
        }
    }
}
