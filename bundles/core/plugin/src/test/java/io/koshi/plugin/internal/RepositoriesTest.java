package io.koshi.plugin.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.koshi.testkit.PlainHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoriesTest {
    private static final Coordinates WANTED = new Coordinates("org.example", "lamp", "1.2.0");
    private static final byte[] JAR = "not really a jar".getBytes(StandardCharsets.UTF_8);

    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;
    private Repositories repositories;

    @TempDir
    Path home;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            byte[] file = files.get(exchange.getRequestURI().getPath());
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(file == null ? 404 : 200, file == null || head ? -1 : file.length);
            if (file != null && !head) {
                exchange.getResponseBody().write(file);
            }
            exchange.close();
        });
        server.start();
        String root = "http://127.0.0.1:" + server.getAddress().getPort();
        repositories = new Repositories(
                () -> List.of(root + "/first", root + "/second/"),
                new PlainHttp(),
                home.resolve("local"),
                home.resolve("cache"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static String sum(String algorithm, byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    }

    private void offer(String repository, byte[] jar, String suffix, String sum) {
        files.put("/" + repository + "/" + WANTED.path(), jar);
        files.put("/" + repository + "/" + WANTED.path() + suffix, sum.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void readsCoordinatesAndNothingElse() {
        assertThat(Coordinates.of("org.example:lamp:1.2.0")).contains(WANTED);
        assertThat(WANTED.path()).isEqualTo("org/example/lamp/1.2.0/lamp-1.2.0.jar");
        for (String other :
                new String[] {"github", "/tmp/x.jar", "a:b", "a:b:c:d", "..:lamp:1", "a:../b:1", "a:b:..", "C:\\x.jar"
                }) {
            assertThat(Coordinates.of(other)).as(other).isEmpty();
        }
    }

    @Test
    void asksTheLocalRepositoryFirst() throws Exception {
        Path local = home.resolve("local").resolve(WANTED.path());
        Files.createDirectories(local.getParent());
        Files.write(local, JAR);
        assertThat(repositories.find(WANTED)).isEqualTo(local);
        assertThat(requests).hasValue(0);
    }

    @Test
    void fetchesFromTheFirstThatHasItAndKeepsIt() throws Exception {
        offer("second", JAR, ".sha1", sum("SHA-1", JAR) + "  lamp-1.2.0.jar\n");
        assertThat(repositories.find(WANTED)).hasBinaryContent(JAR);
        int before = requests.get();
        assertThat(repositories.find(WANTED)).hasBinaryContent(JAR);
        assertThat(requests).hasValue(before);
    }

    @Test
    void refusesWhatIsNotWhatTheRepositorySays() throws Exception {
        offer("first", JAR, ".sha256", sum("SHA-256", "another".getBytes(StandardCharsets.UTF_8)));
        assertThatThrownBy(() -> repositories.find(WANTED))
                .isInstanceOf(PluginFailure.class)
                .hasMessageContaining("SHA-256");
        try (var left = Files.walk(home)) {
            assertThat(left.filter(Files::isRegularFile)
                            .filter(f -> f.toString().contains("lamp")))
                    .isEmpty();
        }
    }

    @Test
    void refusesWhatHasNoChecksum() {
        files.put("/first/" + WANTED.path(), JAR);
        assertThatThrownBy(() -> repositories.find(WANTED)).hasMessageContaining("no checksum");
    }

    @Test
    void saysWhereItLooked() {
        assertThatThrownBy(() -> repositories.find(WANTED))
                .hasMessageContaining("org.example:lamp:1.2.0 is neither in")
                .hasMessageContaining("/second/");
    }
}
