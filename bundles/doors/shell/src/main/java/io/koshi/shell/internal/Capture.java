package io.koshi.shell.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** Keeps what a line prints, up to a limit. Thread-safe. */
final class Capture extends OutputStream {
    private static final int MOST = 1 << 20;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public synchronized void write(int b) {
        if (bytes.size() < MOST) {
            bytes.write(b);
        }
    }

    @Override
    public synchronized void write(byte[] from, int offset, int length) {
        bytes.write(from, offset, Math.min(length, MOST - bytes.size()));
    }

    synchronized String text() {
        return bytes.toString(UTF_8);
    }

    synchronized void clear() {
        bytes.reset();
    }
}
