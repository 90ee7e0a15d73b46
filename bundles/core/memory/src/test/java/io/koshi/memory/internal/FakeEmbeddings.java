package io.koshi.memory.internal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.koshi.codec.internal.RecordCodec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Speaks the wire of OpenAI's and Ollama's embeddings. It understands nothing: its vectors are counts of hashed runs
 * of three characters, so texts are near that are spelled alike, and no synonym ever is.
 */
final class FakeEmbeddings implements AutoCloseable {
    static final int DIMENSIONS = 512;

    static {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else each answer waits 40 ms for an acknowledgement
    }

    final AtomicBoolean hang = new AtomicBoolean();
    final AtomicReference<String> garbage = new AtomicReference<>();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger texts = new AtomicInteger();
    final Set<String> keys = ConcurrentHashMap.newKeySet();
    private final AtomicInteger busy = new AtomicInteger();
    private final RecordCodec codec = new RecordCodec();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final HttpServer server;

    FakeEmbeddings() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/embeddings", exchange -> answer(exchange, false));
        server.createContext("/api/embed", exchange -> answer(exchange, true));
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    String ollama() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/api";
    }

    boolean idle() {
        return busy.get() == 0;
    }

    private void answer(HttpExchange exchange, boolean ollama) throws IOException {
        busy.incrementAndGet();
        try (exchange) {
            asked.incrementAndGet();
            keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            Map<?, ?> request =
                    (Map<?, ?>) codec.parseJson(exchange.getRequestBody().readAllBytes());
            if (hang.get()) {
                closed.await();
            }
            List<?> input = (List<?>) request.get("input");
            texts.addAndGet(input.size());
            byte[] body = garbage.get() != null
                    ? garbage.get().getBytes(StandardCharsets.UTF_8)
                    : codec.json(body(input, ollama));
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            busy.decrementAndGet();
        }
    }

    private static Map<String, Object> body(List<?> input, boolean ollama) {
        List<Object> vectors = new ArrayList<>();
        for (int i = 0; i < input.size(); i++) {
            List<Object> vector = vector((String) input.get(i));
            vectors.add(ollama ? vector : Map.of("index", (long) i, "object", "embedding", "embedding", vector));
        }
        long tokens = 3L * input.size();
        return ollama
                ? Map.of("embeddings", vectors, "prompt_eval_count", tokens)
                : Map.of("object", "list", "data", vectors, "usage", Map.of("prompt_tokens", tokens));
    }

    private static List<Object> vector(String text) {
        String plain = " "
                + text.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}]+", " ")
                        .strip() + " ";
        double[] counts = new double[DIMENSIONS];
        boolean dense = plain.codePoints().anyMatch(Character::isIdeographic);
        int run = dense ? 2 : 3;
        for (int i = 0; i + run <= plain.length(); i++) {
            int hash = plain.substring(i, i + run).hashCode() * 0x9E3779B9;
            counts[(hash >>> 8) % DIMENSIONS] += (hash & 1) == 0 ? 1 : -1;
        }
        List<Object> vector = new ArrayList<>(DIMENSIONS);
        for (double count : counts) {
            vector.add(count);
        }
        return vector;
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
