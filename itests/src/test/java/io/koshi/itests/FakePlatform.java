package io.koshi.itests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The other end of the http channel: takes posts, checks signatures, remembers what came in what order. */
public final class FakePlatform implements AutoCloseable {
    /** One delivery as the platform saw it. */
    public record Post(String id, String to, String text, int attempt, boolean duplicate) {}

    private static final Pattern FIELD = Pattern.compile("\"(id|to|text)\":\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern ATTEMPT = Pattern.compile("\"attempt\":(\\d+)");

    private final List<Post> posts = new CopyOnWriteArrayList<>();
    private final List<String> refused = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private final String secret;

    public FakePlatform(String secret) throws IOException {
        this.secret = secret;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
        server.createContext("/", this::take);
        server.setExecutor(threads);
        server.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/inbox");
    }

    /** Everything taken so far, in order of arrival. */
    public List<Post> posts() {
        return List.copyOf(posts);
    }

    /** What came in per conversation, in order, each id once: a repeat counts where it came first. */
    public Map<String, List<Post>> conversations() {
        return posts.stream().collect(Collectors.groupingBy(Post::to, Collectors.toCollection(ArrayList::new)));
    }

    /** Why posts were refused; empty when every signature was right. */
    public List<String> refused() {
        return List.copyOf(refused);
    }

    private void take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String signature = exchange.getRequestHeaders().getFirst("X-Koshi-Signature-256");
        if (!GithubDeliveries.signature(secret, body).equals(signature)) {
            refused.add("signature " + signature);
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
            return;
        }
        String json = new String(body, StandardCharsets.UTF_8);
        Map<String, String> fields = FIELD.matcher(json)
                .results()
                .collect(Collectors.toMap(m -> m.group(1), m -> m.group(2), (first, second) -> first));
        Matcher attempt = ATTEMPT.matcher(json);
        posts.add(new Post(
                fields.get("id"),
                fields.get("to"),
                fields.get("text"),
                attempt.find() ? Integer.parseInt(attempt.group(1)) : 0,
                json.contains("\"duplicate\":true")));
        byte[] answer = ("{\"id\":\"p" + posts.size() + "\"}").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
