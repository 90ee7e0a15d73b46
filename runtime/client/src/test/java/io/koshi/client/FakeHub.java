package io.koshi.client;

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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** Speaks the hub's frames on a Unix socket: echoes test.echo, never answers test.never, keeps what it was asked. */
final class FakeHub implements AutoCloseable {
    final BlockingQueue<Map<?, ?>> asked = new LinkedBlockingQueue<>();
    private final List<SocketChannel> clients = new CopyOnWriteArrayList<>();
    private final Path file;
    private ServerSocketChannel server;
    volatile String epoch = "one";
    volatile long seq = 40;

    FakeHub(Path file) throws IOException {
        this.file = file;
        open();
    }

    void open() throws IOException {
        Files.deleteIfExists(file);
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(file));
        server = listening;
        Thread accepting = new Thread(() -> {
            try {
                while (true) {
                    SocketChannel client = listening.accept();
                    clients.add(client);
                    Thread serving = new Thread(() -> serve(client));
                    serving.setDaemon(true);
                    serving.start();
                }
            } catch (IOException closed) {
                return;
            }
        });
        accepting.setDaemon(true);
        accepting.start();
    }

    /** Cuts every client off, and lets them come back. */
    void cut() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        clients.clear();
    }

    void event(String topic, long number, Map<String, Object> payload) throws IOException {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "event");
        frame.put("source", "test");
        frame.put("event", topic);
        frame.put("payload", payload);
        frame.put("seq", number);
        for (SocketChannel client : clients) {
            send(client, frame);
        }
    }

    void call(String id, String method, Map<String, Object> params) throws IOException {
        for (SocketChannel client : clients) {
            send(client, Map.of("type", "req", "id", id, "method", method, "params", params));
        }
    }

    private void serve(SocketChannel client) {
        try {
            while (true) {
                ByteBuffer length = read(client, 4);
                Map<?, ?> frame =
                        (Map<?, ?>) Cbor.read(read(client, length.getInt()).array());
                if ("req".equals(frame.get("type"))) {
                    answer(client, frame);
                }
                asked.add(frame); // who sees it here may rely on its answer having gone
            }
        } catch (IOException gone) {
            clients.remove(client);
        }
    }

    private void answer(SocketChannel client, Map<?, ?> frame) throws IOException {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("type", "res");
        answer.put("id", frame.get("id"));
        answer.put("ok", true);
        switch (String.valueOf(frame.get("method"))) {
            case "test.never" -> {
                return;
            }
            case "test.refused" -> {
                answer.put("ok", false);
                answer.put("error", Map.of("code", "CONFLICT", "message", "no"));
            }
            case "gateway.subscribe" -> answer.put("payload", Map.of("epoch", epoch, "seq", seq, "replayed", 0));
            default -> answer.put("payload", frame.get("params"));
        }
        send(client, answer);
    }

    private static synchronized void send(SocketChannel client, Map<String, ?> frame) throws IOException {
        byte[] body = Cbor.write(frame);
        ByteBuffer out = ByteBuffer.allocate(4 + body.length)
                .putInt(body.length)
                .put(body)
                .flip();
        while (out.hasRemaining()) {
            client.write(out);
        }
    }

    private static ByteBuffer read(SocketChannel client, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            if (client.read(buffer) < 0) {
                throw new IOException("gone");
            }
        }
        return buffer.flip();
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
