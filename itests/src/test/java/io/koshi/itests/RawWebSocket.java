package io.koshi.itests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayDeque;

/** A WebSocket client that can also say what no client should (RFC 6455, by hand). Confined to one thread. */
final class RawWebSocket implements AutoCloseable {
    static final int TEXT = 0x81;
    static final int BINARY = 0x82;
    static final int CLOSE = 0x88;
    static final int PING = 0x89;
    static final int PONG = 0x8a;

    private static final ObjectMapper JSON = new ObjectMapper();

    final Socket socket;
    final String head;
    private final DataInputStream in;
    private final OutputStream out;
    private final ArrayDeque<JsonNode> events = new ArrayDeque<>();

    /**
     * What came.
     *
     * @param first the frame's first byte
     */
    record Frame(int first, byte[] payload) {
        int closeCode() {
            return (payload[0] & 255) << 8 | payload[1] & 255;
        }
    }

    RawWebSocket(int port, String path, String... headers) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(120_000);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        String asked = String.join("\r\n", headers);
        String host = asked.contains("Host:") ? "" : "Host: localhost:" + port + "\r\n";
        out.write(("GET " + path + " HTTP/1.1\r\n" + host
                        + "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + asked + (asked.isEmpty() ? "" : "\r\n")
                        + "\r\n")
                .getBytes(ISO_8859_1));
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (!read.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            read.write(in.readUnsignedByte());
        }
        head = read.toString(ISO_8859_1);
    }

    /** A client of a hub with its token. */
    static RawWebSocket gateway(Daemon daemon, String path) throws IOException {
        String token = Files.readString(daemon.home().resolve("token")).strip();
        return new RawWebSocket(daemon.http().getPort(), path, "Authorization: Bearer " + token);
    }

    int status() {
        return Integer.parseInt(head.split(" ")[1]);
    }

    static byte[] frame(int first, byte[] payload) {
        int size = payload.length < 126 ? 2 : payload.length < 65536 ? 4 : 10;
        ByteBuffer frame = ByteBuffer.allocate(size + 4 + payload.length).put((byte) first);
        if (size == 2) {
            frame.put((byte) (0x80 | payload.length));
        } else if (size == 4) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        byte[] mask = {7, 11, 13, 17};
        frame.put(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ mask[i & 3]));
        }
        return frame.array();
    }

    void raw(byte... bytes) throws IOException {
        out.write(bytes);
    }

    void send(int first, byte[] payload) throws IOException {
        out.write(frame(first, payload));
    }

    void text(String text) throws IOException {
        send(TEXT, text.getBytes(UTF_8));
    }

    Frame read() throws IOException {
        int first = in.readUnsignedByte();
        long size = in.readUnsignedByte();
        size = size == 126 ? in.readUnsignedShort() : size == 127 ? in.readLong() : size;
        byte[] payload = new byte[(int) size];
        in.readFully(payload);
        return new Frame(first, payload);
    }

    /** The next text frame; pings are answered meanwhile. */
    String nextText() throws IOException {
        while (true) {
            Frame frame = read();
            if (frame.first() == PING) {
                send(PONG, frame.payload());
            }
            if (frame.first() == TEXT) {
                return new String(frame.payload(), UTF_8);
            }
            if (frame.first() == CLOSE) {
                throw new EOFException("closed with " + frame.closeCode());
            }
        }
    }

    JsonNode next() throws IOException {
        return JSON.readTree(nextText());
    }

    /** The code the hub closes with. */
    int closed() throws IOException {
        while (true) {
            Frame frame = read();
            if (frame.first() == CLOSE) {
                return frame.closeCode();
            }
        }
    }

    JsonNode call(String method, String params) throws IOException {
        text("{\"type\":\"req\",\"id\":\"call\",\"method\":\"" + method + "\",\"params\":" + params + "}");
        while (true) {
            JsonNode frame = next();
            if (frame.path("id").asText().equals("call")) {
                return frame;
            }
            events.add(frame);
        }
    }

    JsonNode event() throws IOException {
        return events.isEmpty() ? next() : events.remove();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
