package io.koshi.cli;

import io.koshi.client.Cbor;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A small honest hub: real frames on a real Unix socket, answers and events as a test scripts them. */
final class FakeDaemon implements AutoCloseable {
    /** What a method answers; may send events to its client first or after. */
    interface Script {
        Object answer(Map<?, ?> params, Client client) throws Exception;
    }

    /** An answer that is an error. */
    record Error(String code, String message) {}

    /** One connection, as the hub sees it. */
    static final class Client {
        private final SocketChannel channel;
        private final CopyOnWriteArrayList<Runnable> after = new CopyOnWriteArrayList<>();

        Client(SocketChannel channel) {
            this.channel = channel;
        }

        /** Sends an event once the request under way is answered. */
        void later(String topic, Map<String, ?> payload, long seq) {
            after.add(() -> event(topic, payload, seq));
        }

        /** Ends the connection now. */
        void drop() throws IOException {
            channel.close();
        }

        /** Ends the connection once the request under way is answered. */
        void hangUp() {
            after.add(() -> {
                try {
                    channel.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
        }

        void event(String topic, Map<String, ?> payload, long seq) {
            Map<String, Object> frame = new LinkedHashMap<>();
            frame.put("type", "event");
            frame.put("source", "fake");
            frame.put("event", topic);
            frame.put("payload", payload);
            frame.put("seq", seq);
            write(frame);
        }

        private synchronized void write(Map<String, Object> frame) {
            byte[] body = Cbor.write(frame);
            ByteBuffer out = ByteBuffer.allocate(4 + body.length)
                    .putInt(body.length)
                    .put(body)
                    .flip();
            try {
                while (out.hasRemaining()) {
                    channel.write(out);
                }
            } catch (IOException gone) {
                after.clear();
            }
        }
    }

    final List<Map<?, ?>> asked = new CopyOnWriteArrayList<>();
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();
    private final Path socket;
    private final ServerSocketChannel server;

    FakeDaemon(Path home) throws IOException {
        this(home, none -> {});
    }

    /** @param told its scripts, for one that clients wait for: they are there before it takes the first */
    FakeDaemon(Path home, Consumer<FakeDaemon> told) throws IOException {
        told.accept(this);
        socket = home.resolve("koshi.sock");
        Files.deleteIfExists(socket);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread thread = new Thread(this::accept, "fake-daemon");
        thread.setDaemon(true);
        thread.start();
    }

    FakeDaemon on(String method, Script script) {
        scripts.put(method, script);
        return this;
    }

    FakeDaemon answer(String method, Map<String, ?> payload) {
        return on(method, (params, client) -> payload);
    }

    /** Params of the last request for a method. */
    Map<?, ?> params(String method) {
        return (Map<?, ?>) asked.stream()
                .filter(frame -> method.equals(frame.get("method")))
                .reduce((first, last) -> last)
                .orElseThrow()
                .get("params");
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = server.accept();
                Thread thread = new Thread(() -> serve(channel), "fake-client");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException closed) {
            scripts.clear();
        }
    }

    private void serve(SocketChannel channel) {
        Client client = new Client(channel);
        try (channel) {
            while (true) {
                Map<?, ?> request = (Map<?, ?>) Cbor.read(read(channel, read(channel, 4)));
                asked.add(request);
                client.write(answer(request, client));
                client.after.forEach(Runnable::run);
                client.after.clear();
            }
        } catch (IOException gone) {
            client.after.clear();
        }
    }

    private Map<String, Object> answer(Map<?, ?> request, Client client) {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "res");
        frame.put("id", request.get("id"));
        Object answer;
        try {
            Script script = scripts.get(String.valueOf(request.get("method")));
            answer = script == null
                    ? new Error("NO_HANDLER", "no method is named '" + request.get("method") + "'")
                    : script.answer((Map<?, ?>) request.get("params"), client);
        } catch (Exception e) {
            answer = new Error("METHOD_ERROR", e.toString());
        }
        frame.put("ok", !(answer instanceof Error));
        if (answer instanceof Error error) {
            frame.put("error", Map.of("code", error.code(), "message", error.message()));
        } else {
            frame.put("payload", answer);
        }
        return frame;
    }

    private static byte[] read(SocketChannel channel, byte[] length) throws IOException {
        return read(channel, ByteBuffer.wrap(length).getInt());
    }

    private static byte[] read(SocketChannel channel, int count) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(count);
        while (in.hasRemaining()) {
            if (channel.read(in) < 0) {
                throw new EOFException();
            }
        }
        return in.array();
    }
}
