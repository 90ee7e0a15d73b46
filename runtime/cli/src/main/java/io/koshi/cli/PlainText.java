package io.koshi.cli;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * UTF-8 for a terminal, in which nothing is a command to the terminal: what strangers and models wrote is shown here, and
 * an escape sequence among it could rewrite the screen or type for the person. Of the control characters (C0, DEL and
 * C1, ECMA-48) tabs and line ends pass; the others become U+FFFD. Confined to one thread.
 */
final class PlainText extends FilterOutputStream {
    private static final byte[] REPLACED = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};
    private static final int C1_LEAD = 0xC2;

    private boolean led;

    PlainText(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream(count + 2);
        for (int i = from; i < from + count; i++) {
            int one = bytes[i] & 0xFF;
            if (led && one >= 0x80 && one < 0xA0) {
                plain.writeBytes(REPLACED);
                led = false;
                continue;
            }
            if (led) {
                plain.write(C1_LEAD);
            }
            led = one == C1_LEAD; // what follows it, perhaps in the next piece, says what it begins
            if (one < 0x20 && one != '\n' && one != '\t' && one != '\r' || one == 0x7F) {
                plain.writeBytes(REPLACED);
            } else if (!led) {
                plain.write(one);
            }
        }
        plain.writeTo(out);
    }
}
