package io.koshi.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocketFactory;

/**
 * The hub's {@code /gateway} as binary messages of a WebSocket (RFC 6455). A hub that is silent is pinged, and one that
 * stays silent is gone. As {@link Wire} says.
 */
public final class WebSocketWire implements Wire {
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
    private static final int SILENCE_MS = (int) Duration.ofSeconds(20).toMillis();
    private static final int CONNECT_MS = (int) Duration.ofSeconds(10).toMillis();
    private static final int LONGEST_HEAD = 16 << 10;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final SecureRandom random = new SecureRandom();
    private final ReentrantLock writing = new ReentrantLock();

    private WebSocketWire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 << 10));
        this.out = socket.getOutputStream();
    }

    /**
     * Connects.
     *
     * @param address for example {@code ws://127.0.0.1:3000/gateway}; {@code wss} for TLS
     * @param token sent as {@code Authorization: Bearer}
     * @throws HubException with the hub's code when it does not let this client in
     */
    public static WebSocketWire open(URI address, String token) throws IOException {
        boolean tls = "wss".equals(address.getScheme());
        int port = address.getPort() >= 0 ? address.getPort() : tls ? 443 : 80;
        Socket plain = new Socket();
        try {
            plain.connect(new InetSocketAddress(address.getHost(), port), CONNECT_MS);
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(SILENCE_MS);
            Socket socket = tls
                    ? ((SSLSocketFactory) SSLSocketFactory.getDefault())
                            .createSocket(plain, address.getHost(), port, true)
                    : plain;
            WebSocketWire wire = new WebSocketWire(socket);
            wire.shakeHands(address, port, token);
            return wire;
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    private void shakeHands(URI address, int port, String token) throws IOException {
        if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new HubException("UNAUTHORIZED", "The token has characters that no token has; copy it again.");
        }
        byte[] nonce = new byte[16];
        random.nextBytes(nonce);
        String key = Base64.getEncoder().encodeToString(nonce);
        String path = address.getRawPath() == null || address.getRawPath().isEmpty() ? "/" : address.getRawPath();
        out.write(("GET " + path + " HTTP/1.1\r\nHost: " + address.getHost() + ":" + port
                        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"
                        + "\r\nSec-WebSocket-Key: " + key + "\r\nAuthorization: Bearer " + token + "\r\n\r\n")
                .getBytes(ISO_8859_1));
        out.flush();
        String head = head();
        int status = status(head);
        if (status != 101) {
            throw refusal(status);
        }
        if (!head.toLowerCase(Locale.ROOT).contains("\nsec-websocket-accept: " + accept(key))) {
            throw new IOException("what answers at " + address + " is no WebSocket");
        }
    }

    private String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        while (ends < 2) {
            int b = in.read();
            if (b < 0 || head.size() > LONGEST_HEAD) {
                throw new EOFException("the hub hung up during the handshake");
            }
            head.write(b);
            ends = b == '\n' ? ends + 1 : b == '\r' ? ends : 0;
        }
        return head.toString(ISO_8859_1);
    }

    private static int status(String head) throws IOException {
        String[] words = head.split(" ", 3);
        try {
            return Integer.parseInt(words[1]);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IOException("what answers is no HTTP server", e);
        }
    }

    /** The code that the hub's statuses stand for. */
    private static HubException refusal(int status) throws IOException {
        return switch (status) {
            case 400 -> new HubException("INVALID_PARAMS", "The hub takes this for a bad request (400).");
            case 401 ->
                new HubException("UNAUTHORIZED", "The hub does not know this token (401); give it a valid one.");
            case 403 -> new HubException("FORBIDDEN", "The hub does not let this client in (403).");
            default -> throw new IOException("the hub answered " + status + " instead of opening a WebSocket");
        };
    }

    private static String accept(String key) {
        try {
            byte[] sum = MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(ISO_8859_1));
            return Base64.getEncoder().encodeToString(sum).toLowerCase(Locale.ROOT);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    @Override
    public void send(byte[] frame) throws IOException {
        send(BINARY, frame);
    }

    /** Masked, as a client's must be (RFC 6455, 5.3). */
    private void send(int opcode, byte[] payload) throws IOException {
        int head = payload.length < 126 ? 6 : payload.length <= 0xFFFF ? 8 : 14;
        byte[] all = new byte[head + payload.length];
        all[0] = (byte) (0x80 | opcode);
        if (head == 6) {
            all[1] = (byte) (0x80 | payload.length);
        } else {
            int width = head == 8 ? 2 : 8;
            all[1] = (byte) (0x80 | (width == 2 ? 126 : 127));
            for (int i = 0; i < width; i++) {
                all[1 + width - i] = (byte) ((long) payload.length >>> 8 * i);
            }
        }
        byte[] mask = new byte[4];
        synchronized (random) {
            random.nextBytes(mask);
        }
        System.arraycopy(mask, 0, all, head - 4, 4);
        for (int i = 0; i < payload.length; i++) {
            all[head + i] = (byte) (payload[i] ^ mask[i & 3]);
        }
        writing.lock();
        try {
            out.write(all);
            out.flush();
        } finally {
            writing.unlock();
        }
    }

    @Override
    public byte[] read() throws IOException {
        byte[] message = new byte[0];
        while (true) {
            int first = awaitByte();
            int second = in.readUnsignedByte();
            long length = second & 127;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            if (length < 0 || length + message.length > LONGEST || (second & 128) != 0) {
                throw new IOException("a frame that no hub sends");
            }
            byte[] payload = new byte[(int) length];
            in.readFully(payload);
            int opcode = first & 15;
            if (opcode == PING) {
                send(PONG, payload);
            } else if (opcode == CLOSE) {
                send(CLOSE, Arrays.copyOf(payload, Math.min(2, payload.length)));
                throw new EOFException("the hub ended the connection" + reason(payload));
            } else if (opcode <= BINARY) {
                message = message.length == 0 ? payload : join(message, payload);
                if ((first & 128) != 0) {
                    if (opcode == TEXT) {
                        throw new IOException("a text from a hub that was asked in CBOR");
                    }
                    return message;
                }
            }
        }
    }

    /** The first byte of a frame; pings a hub that says nothing, twice. */
    private int awaitByte() throws IOException {
        for (int silent = 0; ; silent++) {
            try {
                return in.readUnsignedByte();
            } catch (SocketTimeoutException e) {
                if (silent == 2) {
                    throw new EOFException("the hub has been silent for " + 3 * SILENCE_MS / 1000 + " s");
                }
                send(PING, new byte[0]);
            }
        }
    }

    private static String reason(byte[] payload) {
        if (payload.length < 2) {
            return "";
        }
        int code = (payload[0] & 255) << 8 | payload[1] & 255;
        return " (" + code + " " + new String(payload, 2, payload.length - 2, UTF_8) + ")";
    }

    private static byte[] join(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @Override
    public void close() throws IOException {
        if (writing.tryLock()) { // else somebody waits for a hub that takes nothing
            try {
                send(CLOSE, new byte[] {3, (byte) 232}); // 1000
            } catch (IOException gone) {
                socket.close();
            } finally {
                writing.unlock();
            }
        }
        socket.close();
    }
}
