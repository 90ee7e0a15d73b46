package io.koshi.service.web;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** A connection's bytes until a deadline, however slowly they come. Confined to one thread. */
final class Wire extends InputStream {
    private final Socket socket;
    private final InputStream in;
    private final long deadline;

    /** @param deadline by {@link System#nanoTime} */
    Wire(Socket socket, long deadline) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.deadline = deadline;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("it took too long");
        }
        socket.setSoTimeout((int) left);
        return in.read(bytes, from, length);
    }

    /** A line without its end, of at most so many bytes. */
    static String line(InputStream in, int most) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the answer ended in its head");
            }
            if (line.length() >= most) {
                throw new IOException("a line of the answer's head is too long");
            }
            line.append((char) b);
        }
        int length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
    }
}
