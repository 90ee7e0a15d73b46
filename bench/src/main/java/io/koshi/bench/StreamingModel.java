package io.koshi.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * A model's service (Anthropic Messages, streaming) that speaks to many at once from one thread, each delta the moment it
 * leaves, spread evenly over time as many independent models would. Its deltas are numbers from 0 on: when each had
 * arrived at the other's socket is in what {@link #speak} gives. Thread-safe.
 */
final class StreamingModel implements AutoCloseable {
    private final List<OutputStream> streams = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(8);
    private final HttpServer server;

    StreamingModel() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
        server.createContext("/v1/messages", this::begin);
        server.setExecutor(threads);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    int connected() {
        return streams.size();
    }

    private void begin(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("content-type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        event(
                out,
                "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\","
                        + "\"content\":[],\"model\":\"fake\",\"stop_reason\":null,\"usage\":{\"input_tokens\":7,"
                        + "\"output_tokens\":1}}}");
        event(
                out,
                "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
        streams.add(out);
    }

    /**
     * Gives every stream so many deltas, one each in every {@code gapNanos}, and ends them. What is written to a
     * loopback socket is in the reader's buffer when the write returns, so the moments after the writes are those of
     * arrival; what the fake itself took is not the hub's.
     *
     * @return by number, the moment of {@link System#nanoTime} when it had arrived
     */
    long[] speak(int deltas, long gapNanos) throws IOException {
        long step = gapNanos / streams.size();
        long[] arrived = new long[deltas * streams.size()];
        int next = 0;
        long due = System.nanoTime();
        for (int i = 0; i < deltas; i++) {
            for (OutputStream out : streams) {
                due += step;
                while (due - System.nanoTime() > 0) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                event(
                        out,
                        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\""
                                + next + " \"}}");
                arrived[next++] = System.nanoTime();
            }
        }
        for (OutputStream out : streams) {
            event(out, "{\"type\":\"content_block_stop\",\"index\":0}");
            event(
                    out,
                    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
                            + "\"usage\":{\"output_tokens\":" + deltas + "}}");
            event(out, "{\"type\":\"message_stop\"}");
            out.close();
        }
        streams.clear();
        return arrived;
    }

    private static void event(OutputStream out, String data) throws IOException {
        String type = data.substring(9, data.indexOf('"', 9));
        out.write(("event: " + type + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
