package io.koshi.itests;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plugins come into the running hub, do their work and go without a trace; the file keeps every comment. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // one hub for all: what a story leaves behind harms the next
class PluginStoryIT {
    private static final String SECRET = "plugin-secret";

    private Path home;
    private FakePlatform platform;
    private Daemon daemon;
    private String config;

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        home = directory;
        platform = new FakePlatform(SECRET);
        config = """
                # The hub of these stories.
                http: { port: 0 } # any free one
                models:
                  main: { plugin: eliza } # comes later
                agent: { model: main }

                plugins:
                  # the way out
                  - { name: http, url: "%s", secret: "%s" } # signed
                  # nothing below this line

                # what goes where
                routes:
                  - match: { channel: folder }
                    action: { reply: "ack {{text}}" }
                  - match: { channel: feed }
                    action: { send: { channel: http, to: "{{conversation}}", text: "{{text}}" } }
                  - match: { channel: http }
                    action: { send: { channel: folder, to: "{{conversation}}", text: "{{text}}" } }
                buffer: { batchWindowMs: 20 }
                """.formatted(platform.uri(), SECRET);
        daemon = Daemon.in(home).config(config).start();
    }

    /** Whatever a story that failed left behind is not the next one's. */
    @AfterEach
    void tidy() throws IOException {
        for (JsonNode each : daemon.call("plugin.list", Map.of()).path("plugins")) {
            if (each.path("source").asText().matches("command|deploy:.*")) {
                daemon.call("plugin.remove", Map.of("name", each.path("name").asText()));
            }
        }
        daemon.config(config);
    }

    @AfterAll
    void stop() {
        daemon.close();
        platform.close();
    }

    @Test
    @Tag("both")
    void aChannelComesSpeaksAndGoesAndWhatIsAddressedToItWaits() throws Exception {
        Path box = home.resolve("box");

        JsonNode added = add("folder", Map.of("path", box.toString()));

        assertThat(added.path("kind").asText()).isEqualTo("channel");
        assertThat(channels()).contains("folder");
        await().untilAsserted(() -> assertThat(pluginStates()).containsEntry("folder", "active"));
        assertOnlyAdded("name: folder");
        drop(box, "ann", "hello");
        await().untilAsserted(() -> assertThat(answers(box)).containsExactly("ack hello"));

        daemon.call("plugin.remove", Map.of("name", "folder"));

        assertThat(channels()).doesNotContain("folder");
        await().untilAsserted(() -> assertThat(pluginStates()).doesNotContainKey("folder"));
        assertNoThread("folder");
        assertUnchanged();
        chat("ben", "are you there?");
        await().untilAsserted(() -> assertThat(pending()).isOne());
        assertThat(answers(box)).hasSize(1);

        add("folder", Map.of("path", box.toString()));

        await().untilAsserted(() -> assertThat(answers(box)).containsExactlyInAnyOrder("ack hello", "are you there?"));
        await().untilAsserted(() -> assertThat(pending()).isZero()); // the file comes first, the receipt then
    }

    @Test
    void aListenerPollsFromWhereItWasWhenItComesBack() throws Exception {
        try (FakeFeed feed = new FakeFeed()) {
            feed.items.addAll(List.of("one", "two"));
            Map<String, Object> settings = Map.of("url", feed.uri().toString(), "seconds", 1);

            add("feed", settings);

            await().untilAsserted(() -> assertThat(texts()).containsExactly("one", "two"));
            daemon.call("plugin.remove", Map.of("name", "feed"));
            assertNoThread("feed");
            assertUnchanged();
            feed.items.add("three");
            feed.asked.clear();

            add("feed", settings);

            await().untilAsserted(() -> assertThat(texts()).containsExactly("one", "two", "three"));
            assertThat(feed.asked.get(0)).isEqualTo("since=2");
        }
    }

    @Test
    void aToolCanBeUsedWhileItIsHere() throws Exception {
        add("days", Map.of());

        Map<String, Object> ask =
                Map.of("name", "days_between", "args", Map.of("from", "2026-01-01", "to", "2026-11-21"));
        assertThat(daemon.call("tool.execute", ask).path("output").asText()).isEqualTo("324 days");
        assertOnlyAdded("name: days");

        daemon.call("plugin.remove", Map.of("name", "days"));

        assertRefused("tool.execute", ask, "NOT_FOUND");
        assertUnchanged();
    }

    @Test
    @Tag("both")
    void aModelOfTheFileAnswersAsSoonAsItsPluginIsHere() throws Exception {
        assertThat(pluginStates()).containsEntry("eliza~main", "failed");
        daemon.call("channel.receive", Map.of("text", "I need a holiday."));

        add("eliza", Map.of());

        await().untilAsserted(() -> assertThat(said()).contains("Why do you need a holiday?"));
        assertThat(home.resolve("koshi.yaml")).hasContent(config);

        daemon.call("plugin.remove", Map.of("name", "eliza"));

        await().untilAsserted(() -> assertThat(pluginStates()).containsEntry("eliza~main", "failed"));
        assertUnchanged();
    }

    @Test
    @Tag("both")
    void methodsOfAServiceComeAndGoOnEveryDoor() throws Exception {
        List<Long> firstAnswers = new ArrayList<>();
        try (FrameSocket frames = daemon.frames()) {
            for (int i = 1; i <= 10; i++) {
                long began = System.nanoTime();
                frames.call("plugin.add", Map.of("source", Examples.jar("notes")));
                assertThat(frames.call("note.add", Map.of("text", "note " + i))
                                .path("id")
                                .asInt())
                        .isEqualTo(i);
                firstAnswers.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));

                frames.call("plugin.remove", Map.of("name", "notes"));
                assertRefused("note.list", Map.of(), "NO_HANDLER");
            }
        }
        System.getLogger("story").log(System.Logger.Level.INFO, "plugin.add to first answer, ms: {0}", firstAnswers);
        assertThat(firstAnswers).hasSize(10); // 100 ms in the middle on a machine of its own
        assertUnchanged();

        add("notes", Map.of());

        assertOnlyAdded("name: notes");
        assertThat(daemon.call("note.list", Map.of()).path("notes")).hasSize(10);
        assertThat(daemon.call("shell.execute", Map.of("line", "note:list limit=2"))
                        .toString())
                .contains("note 10")
                .doesNotContain("note 8");
    }

    @Test
    void aWebSocketRouteComesAndItsConnectionsAreClosedWhenItGoes() throws Exception {
        assertThat(upgradeStatus()).isEqualTo(404);
        add("ticker", Map.of());
        Client client = new Client();
        WebSocket socket = open(client);
        socket.sendText("plugin.*", true).join();
        // the route subscribes when it has read the topics: change something until it tells
        await().untilAsserted(() -> {
            add("days", Map.of());
            daemon.call("plugin.remove", Map.of("name", "days"));
            assertThat(client.texts.poll(200, TimeUnit.MILLISECONDS)).contains("plugin.added", "days");
        });

        daemon.call("plugin.remove", Map.of("name", "ticker"));

        assertThat(client.closed.get(120, TimeUnit.SECONDS)).isEqualTo(1001);
        assertThat(upgradeStatus()).isEqualTo(404);
        assertUnchanged();
    }

    @Test
    void aShippedListenerIsAddedByItsNameAndItsPathGoesWithIt() throws Exception {
        assertThat(daemon.post("/webhook/github", "{}").statusCode()).isEqualTo(404);

        daemon.call("plugin.add", Map.of("source", "github", "settings", Map.of("secret", SECRET)));

        assertThat(daemon.post("/webhook/github", "{}").statusCode()).isEqualTo(401);
        assertOnlyAdded("name: github");

        daemon.call("plugin.remove", Map.of("name", "github"));

        assertThat(daemon.post("/webhook/github", "{}").statusCode()).isEqualTo(404);
        assertUnchanged();
    }

    @Test
    void theCommandLinePlansAddsListsAndRemoves() throws Exception {
        String jar = Examples.jar("folder");
        String box = home.resolve("box").toString();

        assertThat(koshi(0, "plan", "add", jar, "--set", "path=" + box))
                .contains("example.channel.folder", "+", "name: folder", "path: " + box, "allowed");
        assertUnchanged();
        assertThat(koshi(0, "add", jar, "--set", "path=" + box)).contains("folder serves");
        assertOnlyAdded("name: folder");
        assertThat(koshi(0, "plugins")).containsPattern("folder +channel +1\\.0\\.0 +active");
        assertThat(koshi(0, "plan", "remove", "folder")).contains("example.channel.folder", "-", "allowed");
        assertThat(koshi(0, "remove", "folder")).contains("folder is gone");
        assertUnchanged();
        assertThat(koshi(1, "remove", "folder")).contains("There is no plugin 'folder'");
        assertThat(koshi(1, "add", jar)).contains("path");
        assertUnchanged();
    }

    @Test
    @Tag("both")
    void theDeployFolderIsFollowed() throws Exception {
        Path deploy = home.resolve("deploy");
        Path jar = Path.of(Examples.jar("days"));
        byte[] bytes = Files.readAllBytes(jar);
        Path dropped = deploy.resolve("my-days.jar");
        try (var out = Files.newOutputStream(dropped)) { // as a slow copy does
            out.write(bytes, 0, bytes.length / 2);
            out.flush();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(700));
            assertThat(version("days")).isEmpty();
            out.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
        }

        await().untilAsserted(() -> assertThat(version("days")).isEqualTo("1.0.0"));
        await().untilAsserted(() -> assertOnlyAdded("name: days")); // it serves before it is written down

        Path next = GuestPlugin.rebuilt(jar, "1.1.0", home.resolve("next.jar"));
        Files.move(next, dropped, ATOMIC_MOVE);

        await().untilAsserted(() -> assertThat(version("days")).isEqualTo("1.1.0"));
        await().untilAsserted(() -> assertOnlyAdded("name: days"));

        Files.delete(dropped);

        await().untilAsserted(() -> assertThat(version("days")).isEmpty());
        await().untilAsserted(this::assertUnchanged);

        daemon.kill();
        Files.write(dropped, bytes);
        daemon.restart();
        await().untilAsserted(() -> assertThat(version("days")).isEqualTo("1.0.0"));
        daemon.kill();
        Files.delete(dropped);
        daemon.restart();
        await().untilAsserted(() -> assertThat(version("days")).isEmpty());
        await().untilAsserted(this::assertUnchanged);
    }

    private JsonNode add(String example, Map<String, Object> settings) throws IOException {
        return daemon.call("plugin.add", Map.of("source", Examples.jar(example), "settings", settings));
    }

    /** The file is what it was but for one entry. */
    private void assertOnlyAdded(String entry) throws IOException {
        List<String> now = new ArrayList<>(Files.readAllLines(home.resolve("koshi.yaml")));
        for (String line : config.lines().toList()) {
            assertThat(now.remove(line)).as("kept: " + line).isTrue();
        }
        assertThat(String.join("\n", now)).contains(entry);
        assertThat(now.stream().filter(line -> line.strip().startsWith("-"))).hasSize(1);
    }

    /** A thread that has ended is in the kernel's list for a moment more. */
    private void assertNoThread(String plugin) {
        await().untilAsserted(() -> assertThat(daemon.threads()).noneMatch(name -> name.contains(plugin)));
    }

    private void assertUnchanged() throws IOException {
        assertThat(home.resolve("koshi.yaml")).hasContent(config);
        try (Stream<Path> jars = Files.list(home.resolve("plugins"))) {
            assertThat(jars).isEmpty();
        }
    }

    private void assertRefused(String method, Map<String, ?> params, String code) {
        assertThatThrownBy(() -> daemon.call(method, params))
                .isInstanceOfSatisfying(
                        FrameSocket.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(code));
    }

    private List<String> channels() throws IOException {
        return daemon.call("hub.status", Map.of()).path("channels").findValuesAsText("name");
    }

    /** What the health part of the plugin room says about each. */
    private Map<String, String> pluginStates() throws IOException {
        Map<String, String> states = new TreeMap<>();
        for (JsonNode part : daemon.call("hub.health", Map.of()).path("parts")) {
            if (part.path("name").asText().equals("plugin")) {
                part.path("data")
                        .fields()
                        .forEachRemaining(
                                f -> states.put(f.getKey(), f.getValue().asText()));
            }
        }
        return states;
    }

    private String version(String plugin) throws IOException {
        for (JsonNode each : daemon.call("plugin.list", Map.of()).path("plugins")) {
            if (each.path("name").asText().equals(plugin)) {
                return each.path("version").asText();
            }
        }
        return "";
    }

    private int pending() throws IOException {
        return daemon.call("hub.status", Map.of())
                .path("outbox")
                .path("pending")
                .asInt();
    }

    private String said() throws IOException {
        return daemon.call("session.history", Map.of("sessionKey", "console:main"))
                .path("messages")
                .toString();
    }

    private List<String> texts() {
        return platform.posts().stream().map(FakePlatform.Post::text).toList();
    }

    private void chat(String conversation, String text) throws Exception {
        String body = "{\"id\":\"%s\",\"conversation\":\"%s\",\"sender\":\"%s\",\"text\":\"%s\"}"
                .formatted(conversation, conversation, conversation, text);
        String signature = GithubDeliveries.signature(SECRET, body.getBytes(StandardCharsets.UTF_8));
        assertThat(daemon.post("/channel/http", body, "X-Koshi-Signature-256", signature)
                        .statusCode())
                .isEqualTo(200);
    }

    private static void drop(Path box, String name, String text) throws IOException {
        Path draft = Files.writeString(box.resolve(name), text);
        Files.move(draft, box.resolve("in").resolve(name + ".txt"), ATOMIC_MOVE);
    }

    private static List<String> answers(Path box) throws IOException {
        List<String> answers = new ArrayList<>();
        try (Stream<Path> files = Files.list(box.resolve("out"))) {
            for (Path file : files.toList()) {
                answers.add(Files.readString(file));
            }
        }
        return answers;
    }

    private String koshi(int exit, String... words) throws Exception {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("koshi.dist"), "bin", "koshi").toString());
        line.addAll(Arrays.asList(words));
        line.addAll(List.of("--home", home.toString()));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(exit);
        return output;
    }

    private URI ticker() {
        return URI.create(daemon.http().resolve("/ticker").toString().replace("http:", "ws:"));
    }

    private WebSocket open(WebSocket.Listener listener) throws IOException {
        String token = Files.readString(home.resolve("token")).strip();
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + token)
                .buildAsync(ticker(), listener)
                .join();
    }

    /** What an upgrade of the route is answered with. */
    private int upgradeStatus() throws IOException {
        try {
            open(new Client()).abort();
            return 101;
        } catch (CompletionException e) {
            return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
        }
    }

    /** Remembers what a WebSocket says. */
    private static final class Client implements WebSocket.Listener {
        final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            texts.add(data.toString());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }
    }

    /** A feed that grows: item N has the cursor N. */
    private static final class FakeFeed implements AutoCloseable {
        final List<String> items = new CopyOnWriteArrayList<>();
        final List<String> asked = new CopyOnWriteArrayList<>();
        private final HttpServer server;

        FakeFeed() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
            server.createContext("/", exchange -> {
                String query = exchange.getRequestURI().getQuery();
                asked.add(query);
                int since = Integer.parseInt(query.substring("since=".length()));
                List<String> all = List.copyOf(items);
                List<String> page = new ArrayList<>();
                for (int i = since; i < all.size(); i++) {
                    page.add("{\"id\":\"%d\",\"from\":\"ann\",\"text\":\"%s\"}".formatted(i, all.get(i)));
                }
                byte[] answer = "{\"items\":[%s],\"next\":\"%d\"}"
                        .formatted(String.join(",", page), all.size())
                        .getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            server.start();
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/feed");
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
