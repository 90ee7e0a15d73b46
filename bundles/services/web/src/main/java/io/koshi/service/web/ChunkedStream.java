package io.koshi.service.web;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The chunked coding of HTTP/1.1 (RFC 9112, 7.1), trailers left out. Confined to one thread. */
final class ChunkedStream extends InputStream {
    private static final int MAX_LINE = 1024;

    private final InputStream in;
    private long left;
    private boolean first = true;
    private boolean done;

    ChunkedStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (left == 0 && !done) {
            next();
        }
        if (done) {
            return -1;
        }
        int read = in.read(bytes, from, (int) Math.min(length, left));
        if (read < 0) {
            throw new EOFException("the answer was cut off");
        }
        left -= read;
        return read;
    }

    private void next() throws IOException {
        if (!first && !Wire.line(in, MAX_LINE).isEmpty()) {
            throw new IOException("a chunk of the answer is longer than it says");
        }
        first = false;
        String size = Wire.line(in, MAX_LINE).split(";")[0].strip();
        try {
            left = Long.parseLong(size, 16);
        } catch (NumberFormatException e) {
            throw new IOException("a chunk of the answer has no size", e);
        }
        if (left < 0) {
            throw new IOException("a chunk of the answer has no size");
        }
        done = left == 0;
    }
}
