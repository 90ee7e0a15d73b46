package io.koshi.client;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** The hub's Unix socket: each frame behind its length, an unsigned 32-bit big-endian number. As {@link Wire} says. */
public final class SocketWire implements Wire {
    private static final int SMALL = 16 << 10;

    private final SocketChannel channel;
    private ByteBuffer buffer = ByteBuffer.allocate(SMALL).limit(0);

    private SocketWire(SocketChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException when nobody listens there */
    public static SocketWire open(Path socket) throws IOException {
        return new SocketWire(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    @Override
    public synchronized void send(byte[] frame) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(4 + frame.length)
                .putInt(frame.length)
                .put(frame)
                .flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    @Override
    public byte[] read() throws IOException {
        need(4);
        int length = buffer.getInt();
        if (length < 0 || length > LONGEST) {
            throw new IOException("a frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        need(length);
        byte[] frame = new byte[length];
        buffer.get(frame);
        return frame;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Reads until so many bytes are there, and more when they are. */
    private void need(int count) throws IOException {
        if (buffer.remaining() >= count) {
            return;
        }
        if (buffer.capacity() < count) {
            buffer = ByteBuffer.allocate(count + SMALL).put(buffer).flip();
        }
        buffer.compact();
        while (buffer.position() < count) {
            if (channel.read(buffer) < 0) {
                buffer.flip();
                throw new EOFException("the hub went away");
            }
        }
        buffer.flip();
    }
}
