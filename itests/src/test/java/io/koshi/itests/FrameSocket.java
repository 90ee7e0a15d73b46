package io.koshi.itests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;

/**
 * A client of the Unix socket that knows the wire and nothing else: CBOR frames, each preceded by its length in four
 * bytes, big-endian. Confined to one thread.
 */
public final class FrameSocket implements AutoCloseable {
    /** An answer that was not ok. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final String code;

        Refused(JsonNode error) {
            super(error.toString());
            code = error.path("code").asText();
        }

        public String code() {
            return code;
        }
    }

    private static final ObjectMapper CBOR = new CBORMapper();

    private final SocketChannel channel;
    private final Queue<JsonNode> events = new ArrayDeque<>();
    private int calls;

    private FrameSocket(SocketChannel channel) {
        this.channel = channel;
    }

    public static FrameSocket open(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new FrameSocket(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Calls a method and returns the payload of its answer; events that come before it wait for {@link #event}.
     *
     * @throws Refused when the answer is an error
     */
    public JsonNode call(String method, Map<String, ?> params) throws IOException {
        String id = "t" + ++calls;
        ObjectNode request = CBOR.createObjectNode();
        request.put("type", "req").put("id", id).put("method", method).set("params", CBOR.valueToTree(params));
        send(request);
        while (true) {
            JsonNode frame = receive();
            if (frame.path("id").asText().equals(id)) {
                if (!frame.path("ok").asBoolean()) {
                    throw new Refused(frame.path("error"));
                }
                return frame.path("payload");
            }
            events.add(frame);
        }
    }

    /** The next event, waited for without a limit: give the test a timeout. */
    public JsonNode event() throws IOException {
        return events.isEmpty() ? receive() : events.remove();
    }

    /** Sends any frame, well formed or not. */
    public void send(JsonNode frame) throws IOException {
        byte[] bytes = CBOR.writeValueAsBytes(frame);
        ByteBuffer buffer = ByteBuffer.allocate(4 + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** The next frame of any kind. */
    public JsonNode receive() throws IOException {
        return CBOR.readTree(read(read(4).getInt()).array());
    }

    private ByteBuffer read(int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the daemon closed the socket");
            }
        }
        return buffer.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
