package io.koshi.channel.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The other end of the channel: answers as told and remembers what it was sent. */
final class FakePlatform implements AutoCloseable {
    /** One post as it came. */
    record Post(String signature, byte[] body) {}

    /** How a post is answered. */
    interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    final List<Post> posts = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    FakePlatform(Answer answer) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            posts.add(new Post(
                    exchange.getRequestHeaders().getFirst("X-Koshi-Signature-256"),
                    exchange.getRequestBody().readAllBytes()));
            answer.to(exchange);
            exchange.close();
        });
        server.start();
    }

    static Answer says(int status, String body) {
        return exchange -> {
            exchange.sendResponseHeaders(status, body.isEmpty() ? -1 : body.length());
            exchange.getResponseBody().write(body.getBytes());
        };
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/in");
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
