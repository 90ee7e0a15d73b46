package io.koshi.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A WebSocket client that costs next to nothing, so that a bench measures the hub: masks with zeros, as RFC 6455 lets
 * it, reads what is there in one go and looks at no more of a message than it is asked to. Confined to one thread.
 */
final class RawWebSocket implements AutoCloseable {
    final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(64 << 10).limit(0);
    private final ByteBuffer out = ByteBuffer.allocateDirect(64 << 10);

    RawWebSocket(URI http, String path, String token) throws IOException {
        channel = SocketChannel.open(new InetSocketAddress(http.getHost(), http.getPort()));
        channel.socket().setTcpNoDelay(true);
        out.put(("GET " + path + " HTTP/1.1\r\nHost: localhost:" + http.getPort()
                        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                        + "\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer " + token
                        + "\r\n\r\n")
                .getBytes(ISO_8859_1));
        flush();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            head.write(take());
        }
        if (!head.toString(ISO_8859_1).contains(" 101 ")) {
            throw new IOException(head.toString(ISO_8859_1));
        }
    }

    /** A text message as it goes over the wire. */
    static byte[] framed(String text) {
        byte[] payload = text.getBytes(UTF_8);
        int head = payload.length < 126 ? 6 : 8;
        ByteBuffer frame = ByteBuffer.allocate(head + payload.length).put((byte) 0x81);
        if (head == 6) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        }
        return frame.putInt(0).put(payload).array();
    }

    void write(byte[] frame) throws IOException {
        if (out.remaining() < frame.length) {
            flush();
        }
        out.put(frame);
    }

    void flush() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }

    /** Whether a message may be read without waiting. */
    boolean more() {
        return in.hasRemaining();
    }

    /** Passes over a message; pings are not answered: no bench takes that long. */
    void skip() throws IOException {
        int left = head();
        while (left > 0) {
            if (!in.hasRemaining()) {
                fill();
            }
            int step = Math.min(left, in.remaining());
            in.position(in.position() + step);
            left -= step;
        }
    }

    /** The next message. */
    byte[] read() throws IOException {
        byte[] message = new byte[head()];
        for (int at = 0; at < message.length; ) {
            if (!in.hasRemaining()) {
                fill();
            }
            int step = Math.min(message.length - at, in.remaining());
            in.get(message, at, step);
            at += step;
        }
        return message;
    }

    String text() throws IOException {
        return new String(read(), UTF_8);
    }

    private int head() throws IOException {
        while (true) {
            int opcode = take() & 15;
            int length = take() & 127;
            if (length == 126) {
                length = (take() & 255) << 8 | take() & 255;
            } else if (length == 127) {
                take();
                take();
                take();
                take();
                length = (take() & 255) << 24 | (take() & 255) << 16 | (take() & 255) << 8 | take() & 255;
            }
            if (opcode == 1 || opcode == 2) {
                return length;
            }
            if (opcode == 8) {
                throw new EOFException("closed");
            }
            for (int i = 0; i < length; i++) {
                take();
            }
        }
    }

    private byte take() throws IOException {
        if (!in.hasRemaining()) {
            fill();
        }
        return in.get();
    }

    private void fill() throws IOException {
        in.clear();
        if (channel.read(in) < 0) {
            throw new EOFException();
        }
        in.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
