package io.koshi.listener.github;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One field of a form (WHATWG URL, application/x-www-form-urlencoded), decoded byte by byte. */
final class FormField {
    private FormField() {}

    /** The bytes of the first field of this plain name; what is no escape stays as it is. */
    static Optional<byte[]> find(byte[] form, String name) {
        byte[] start = (name + "=").getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at < form.length; at = next(form, at)) {
            if (startsWith(form, at, start)) {
                return Optional.of(decode(form, at + start.length));
            }
        }
        return Optional.empty();
    }

    private static int next(byte[] form, int from) {
        int at = from;
        while (at < form.length && form[at] != '&') {
            at++;
        }
        return at + 1;
    }

    private static boolean startsWith(byte[] form, int at, byte[] start) {
        if (form.length - at < start.length) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if (form[at + i] != start[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] decode(byte[] form, int from) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(form.length - from);
        for (int i = from; i < form.length && form[i] != '&'; i++) {
            int high = i + 2 < form.length ? Character.digit(form[i + 1], 16) : -1;
            int low = i + 2 < form.length ? Character.digit(form[i + 2], 16) : -1;
            if (form[i] == '%' && high >= 0 && low >= 0) {
                bytes.write(high << 4 | low);
                i += 2;
            } else {
                bytes.write(form[i] == '+' ? ' ' : form[i]);
            }
        }
        return bytes.toByteArray();
    }
}
