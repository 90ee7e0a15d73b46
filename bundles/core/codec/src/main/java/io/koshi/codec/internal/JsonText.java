package io.koshi.codec.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.nio.charset.StandardCharsets;

/** A place in a JSON text (RFC 8259) and what can stand there, read strictly. Confined to one call. */
class JsonText {
    /** Most characters in a number. */
    private static final int MAX_NUMBER = 1000;

    final byte[] bytes;
    final int end;
    int at;

    /** Whether anything in the last string was escaped. */
    boolean escaped;

    /** Whether the last number had a point or an exponent. */
    boolean fraction;

    JsonText(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** Passes over a string. */
    final void string() {
        if (peek() != '"') {
            throw malformed("a string is expected");
        }
        escaped = false;
        at++;
        while (true) {
            at = Utf8.plainEnd(bytes, at, end);
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
                int width = Utf8.width(bytes, at, end);
                if (width == 0) {
                    throw malformed("this is no UTF-8");
                }
                at += width;
            }
        }
    }

    final void escape() {
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

    final void number() {
        int from = at;
        fraction = false;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < end && bytes[at] == '.') {
            fraction = true;
            at++;
            digits();
        }
        boolean exponent = at < end && (bytes[at] == 'e' || bytes[at] == 'E');
        if (exponent) {
            fraction = true;
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        if (at - from > MAX_NUMBER) {
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

    final void digits() {
        int from = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == from) {
            throw malformed("this is not expected here");
        }
    }

    final void word(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (peek() != word.charAt(i)) {
                throw malformed("this is not expected here");
            }
            at++;
        }
    }

    final void space() {
        while (at < end) {
            byte b = bytes[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return;
            }
            at++;
        }
    }

    final byte peek() {
        if (at >= end) {
            throw malformed("the text ends too early");
        }
        return bytes[at];
    }

    final void enter(int depth) {
        if (depth >= Codec.MAX_DEPTH) {
            throw malformed("nested deeper than " + Codec.MAX_DEPTH);
        }
    }

    /** Moves on past one character of punctuation; whether it was {@code wanted} and not a comma. */
    final boolean closes(char wanted) {
        byte next = peek();
        if (next != wanted && next != ',') {
            throw malformed("a comma is expected");
        }
        at++;
        return next == wanted;
    }

    /** Passes over a colon and the space around it. */
    final void colon() {
        space();
        if (peek() != ':') {
            throw malformed("a colon is expected");
        }
        at++;
        space();
    }

    /** Checks that nothing follows. */
    final void last() {
        space();
        if (at < end) {
            throw malformed("something follows the value");
        }
    }

    /** What the string between two quotes says; {@link #escaped} must be of that string. */
    final String text(int quote, int close) {
        if (!escaped) {
            return new String(bytes, quote + 1, close - quote - 1, StandardCharsets.UTF_8);
        }
        StringBuilder text = new StringBuilder(close - quote);
        int from = quote + 1;
        for (int i = from; i < close; i++) {
            if (bytes[i] == '\\') {
                text.append(new String(bytes, from, i - from, StandardCharsets.UTF_8));
                char c = (char) bytes[++i];
                switch (c) {
                    case 'b' -> text.append('\b');
                    case 'f' -> text.append('\f');
                    case 'n' -> text.append('\n');
                    case 'r' -> text.append('\r');
                    case 't' -> text.append('\t');
                    case 'u' -> {
                        int unit = 0;
                        for (int digit = 0; digit < 4; digit++) {
                            unit = unit << 4 | Character.digit(bytes[++i], 16);
                        }
                        text.append((char) unit);
                    }
                    default -> text.append(c);
                }
                from = i + 1;
            }
        }
        return text.append(new String(bytes, from, close - from, StandardCharsets.UTF_8))
                .toString();
    }

    final KoshiException malformed(String why) {
        return new KoshiException(ErrorCode.PARSE_ERROR, "malformed JSON at byte " + at + ": " + why);
    }
}
