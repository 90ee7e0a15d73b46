package io.koshi.pool.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedHttpTest {
    private final Threads threads = new Threads();
    private final SharedHttp http = new SharedHttp(threads);
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/moved") ? 302 : 204, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.stop();
    }

    private HttpRequest get(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path))
                .build();
    }

    @Test
    void followsNoRedirect() throws Exception {
        assertThat(http.send(get("/moved"), BodyHandlers.discarding()).statusCode())
                .isEqualTo(302);
    }

    @Test
    void everyWorkThreadMayWaitForAnAnswerAtOnce() throws Exception {
        BundlePools pools = new BundlePools(threads, "io.koshi.channel.test");
        List<Future<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            answers.add(pools.work()
                    .submit(() -> http.send(get("/"), BodyHandlers.discarding()).statusCode()));
        }
        for (Future<Integer> answer : answers) {
            assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(204);
        }
        CompletableFuture<?> last = http.sendAsync(get("/"), BodyHandlers.discarding());
        last.get(60, TimeUnit.SECONDS);
    }
}
