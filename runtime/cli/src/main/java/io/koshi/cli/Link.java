package io.koshi.cli;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A connection to the daemon: asks for a method, hears events. Confined to one thread. */
final class Link implements AutoCloseable {
    /** A longer answer is no answer of a hub. */
    private static final int LONGEST = 256 << 20;

    private final SocketChannel channel;
    private final String run;
    private final ArrayDeque<Map<?, ?>> events = new ArrayDeque<>();
    private ByteBuffer buffer = ByteBuffer.allocate(16 << 10).limit(0);
    private int asked;

    private Link(SocketChannel channel, String run) {
        this.channel = channel;
        this.run = run;
    }

    /** Empty when nobody listens. */
    static Optional<Link> open(Path socket, String run) {
        try {
            return Optional.of(new Link(SocketChannel.open(UnixDomainSocketAddress.of(socket)), run));
        } catch (IOException | IllegalArgumentException nobody) {
            return Optional.empty();
        }
    }

    /**
     * Calls a method and waits; events that come meanwhile are kept.
     *
     * @throws Failure what the hub answered, or that it did not within the time
     * @throws EOFException when the hub went away
     */
    Map<?, ?> ask(String method, Map<String, ?> params, long timeoutMs) throws IOException {
        String id = send(method, params, timeoutMs);
        try (Watchdog dog = new Watchdog(channel, timeoutMs + 1000)) {
            while (true) {
                Map<?, ?> frame = read();
                if ("event".equals(frame.get("type"))) {
                    events.add(frame);
                } else if (id.equals(frame.get("id")) || "unknown".equals(frame.get("id"))) {
                    return payload(frame);
                }
            }
        } catch (AsynchronousCloseException e) {
            throw Failure.timeout("The hub did not answer " + method + " within " + timeoutMs / 1000
                    + " s; look into 'koshi logs', or restart it.");
        }
    }

    /**
     * The next event, waiting for it.
     *
     * @param timeoutMs how long, 0 for as long as it takes
     * @throws Failure when none came in time
     * @throws EOFException when the hub went away
     */
    Map<?, ?> event(long timeoutMs) throws IOException {
        if (!events.isEmpty()) {
            return events.poll();
        }
        try (Watchdog dog = new Watchdog(channel, timeoutMs)) {
            while (true) {
                Map<?, ?> frame = read();
                if ("event".equals(frame.get("type"))) {
                    return frame;
                }
            }
        } catch (AsynchronousCloseException e) {
            throw Failure.timeout("Nothing came from the hub in time; see 'koshi status' and 'koshi logs'.");
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException alreadyGone) {
            events.clear();
        }
    }

    private String send(String method, Map<String, ?> params, long timeoutMs) throws IOException {
        String id = Integer.toString(++asked);
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "req");
        frame.put("id", id);
        frame.put("method", method);
        frame.put("params", params);
        frame.put("deadlineMs", timeoutMs);
        if (run != null) {
            frame.put("run", run);
        }
        byte[] body = Cbor.write(frame);
        ByteBuffer out = ByteBuffer.allocate(4 + body.length)
                .putInt(body.length)
                .put(body)
                .flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        return id;
    }

    private static Map<?, ?> payload(Map<?, ?> frame) {
        if (Boolean.TRUE.equals(frame.get("ok"))) {
            return frame.get("payload") instanceof Map<?, ?> map ? map : Map.of();
        }
        throw Failure.of(frame.get("error") instanceof Map<?, ?> error ? error : Map.of());
    }

    private Map<?, ?> read() throws IOException {
        need(4);
        int length = buffer.getInt();
        if (length < 0 || length > LONGEST) {
            throw new IOException("a frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        need(length);
        byte[] body = new byte[length];
        buffer.get(body);
        try {
            if (Cbor.read(body) instanceof Map<?, ?> frame) {
                return frame;
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        throw new IOException("a frame that is no map");
    }

    /** Reads until so many bytes are there, and more when they are. */
    private void need(int count) throws IOException {
        if (buffer.remaining() >= count) {
            return;
        }
        if (buffer.capacity() < count) {
            buffer = ByteBuffer.allocate(count + (16 << 10)).put(buffer).flip();
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
