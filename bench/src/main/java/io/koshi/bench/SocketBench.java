package io.koshi.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.koshi.itests.Daemon;
import io.koshi.itests.FrameSocket;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Unix socket: one call and back, many calls on one connection, events to one subscriber. */
final class SocketBench implements Bench.Story {
    private static final ObjectMapper CBOR = new CBORMapper();
    private static final int WINDOW = 256;
    private static final int PIPELINED = 300_000;
    private static final int EVENTS = 300_000;

    @Override
    public void run(Path scratch) throws Exception {
        try (Daemon daemon = Daemon.in(scratch.resolve("home"))
                .config("http: { port: 0 }\ngateway: { replay: 100000 }\n")
                .start()) {
            Path socket = Path.of(
                    Files.readAllLines(daemon.home().resolve("koshi.pid")).get(1));
            List<Double> micros = roundTrips(daemon);
            double pipelined = pipelined(socket, PIPELINED / 2); // warms up
            pipelined = pipelined(socket, PIPELINED);
            double events = events(daemon, socket);
            new Table("Unix socket, CBOR frames, one connection; no fsync in these paths", "what", "figure")
                    .row("round trip of hub.health, p50 µs", StartBench.median(micros))
                    .row("round trip, p99 µs", micros.get((int) (micros.size() * 0.99)))
                    .row("calls/s, " + WINDOW + " in flight", pipelined)
                    .row("events/s to one subscriber", events)
                    .print(System.out);
        }
    }

    private static List<Double> roundTrips(Daemon daemon) throws IOException {
        try (Raw raw = new Raw(
                Path.of(Files.readAllLines(daemon.home().resolve("koshi.pid")).get(1)))) {
            byte[] frame = request("a", "hub.health", Map.of());
            List<Double> micros = new ArrayList<>();
            for (int i = 0; i < 40_000; i++) {
                long begin = System.nanoTime();
                raw.out.write(frame);
                raw.out.flush();
                raw.skip();
                if (i >= 20_000) {
                    micros.add((System.nanoTime() - begin) / 1e3);
                }
            }
            java.util.Collections.sort(micros);
            return micros;
        }
    }

    private static double pipelined(Path socket, int calls) throws Exception {
        try (Raw raw = new Raw(socket)) {
            byte[] frame = request("a", "buffer.depth", Map.of());
            long begin = System.nanoTime();
            int sent = 0;
            int received = 0;
            while (received < calls) {
                while (sent < calls && sent - received < WINDOW) {
                    raw.out.write(frame);
                    sent++;
                }
                raw.out.flush();
                int batch = Math.min(WINDOW / 2, sent - received);
                for (int i = 0; i < batch; i++) {
                    raw.skip();
                }
                received += batch;
            }
            return calls / ((System.nanoTime() - begin) / 1e9);
        }
    }

    private static double events(Daemon daemon, Path socket) throws Exception {
        try (FrameSocket subscriber = daemon.frames();
                Raw publisher = new Raw(socket)) {
            subscriber.call("gateway.subscribe", Map.of("topics", List.of("bench.*")));
            byte[] frame = request("p", "event.publish", Map.of("topic", "bench.tick", "payload", Map.of("n", 1)));
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < EVENTS; i++) {
                        publisher.out.write(frame);
                        if (i % 64 == 63) {
                            publisher.out.flush();
                            for (int k = 0; k < 64; k++) {
                                publisher.skip();
                            }
                        }
                    }
                    publisher.out.flush();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            long begin = System.nanoTime();
            sender.start();
            int got = 0;
            long lost = 0;
            while (got + lost < EVENTS) {
                JsonNode event = subscriber.event();
                if (event.path("event").asText().equals("gateway.gap")) {
                    lost += event.path("payload").path("to").asLong()
                            - event.path("payload").path("from").asLong()
                            + 1;
                } else {
                    got++;
                }
            }
            double rate = got / ((System.nanoTime() - begin) / 1e9);
            sender.join();
            if (lost > 0) {
                System.out.println("(the bench's subscriber was too slow for " + lost + " events and was told so)");
            }
            return rate;
        }
    }

    static byte[] request(String id, String method, Map<String, ?> params) throws IOException {
        byte[] body = CBOR.writeValueAsBytes(Map.of("type", "req", "id", id, "method", method, "params", params));
        return ByteBuffer.allocate(4 + body.length)
                .putInt(body.length)
                .put(body)
                .array();
    }

    /** A connection that writes ready-made frames and skips answers. */
    private static final class Raw implements AutoCloseable {
        final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        final OutputStream out;
        final DataInputStream in;

        Raw(Path socket) throws IOException {
            channel.connect(UnixDomainSocketAddress.of(socket));
            out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), 1 << 16));
        }

        void skip() throws IOException {
            in.skipNBytes(in.readInt());
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
