package io.koshi.ipc.internal;

import io.koshi.codec.Codec;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A client that can also say things no client should. */
final class RawClient implements AutoCloseable {
    final SocketChannel channel;
    private final Codec codec;
    private final ByteBuffer in = ByteBuffer.allocate(32 << 20).limit(0);

    RawClient(Path socket, Codec codec) throws IOException {
        this.channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        this.codec = codec;
    }

    byte[] request(String id, String method, Map<String, ?> params) {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "req");
        frame.put("id", id);
        frame.put("method", method);
        frame.put("params", params);
        return framed(codec.cbor(frame));
    }

    static byte[] framed(byte[] body) {
        return ByteBuffer.allocate(4 + body.length)
                .putInt(body.length)
                .put(body)
                .array();
    }

    void raw(byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        ByteBuffer out = ByteBuffer.wrap(all.toByteArray());
        while (out.hasRemaining()) {
            channel.write(out);
        }
    }

    Map<?, ?> ask(String method, Map<String, ?> params) throws IOException {
        raw(request("1", method, params));
        return read();
    }

    /** @throws EOFException when the hub has closed the connection */
    Map<?, ?> read() throws IOException {
        need(4);
        int length = in.getInt();
        need(length);
        byte[] body = new byte[length];
        in.get(body);
        return (Map<?, ?>) codec.parseCbor(body);
    }

    private void need(int count) throws IOException {
        if (in.remaining() >= count) {
            return;
        }
        in.compact();
        while (in.position() < count) {
            if (channel.read(in) < 0) {
                throw new EOFException();
            }
        }
        in.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
