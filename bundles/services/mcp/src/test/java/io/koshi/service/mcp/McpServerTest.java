package io.koshi.service.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.koshi.api.Blobs;
import io.koshi.api.Health;
import io.koshi.api.Http;
import io.koshi.api.Trust;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.pool.internal.BundleChildren;
import io.koshi.pool.internal.Nursery;
import io.koshi.pool.internal.SharedHttp;
import io.koshi.pool.internal.Threads;
import io.koshi.testkit.room.Room;
import io.koshi.tool.Tool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class McpServerTest {
    @TempDir
    Path data;

    private final RecordCodec codec = new RecordCodec();
    private final Threads threads = new Threads();
    private final Registry registry = new Registry();
    private final List<McpServer> servers = new ArrayList<>();
    private Room room;
    private BundleChildren children;
    private Http http;
    private Path starts;

    @BeforeEach
    void open() {
        room = new Room(data);
        starts = data.resolve("starts");
        children = new BundleChildren(new Nursery(room, threads));
        http = new SharedHttp(threads);
    }

    @AfterEach
    void close() throws InterruptedException {
        servers.forEach(McpServer::close);
        room.close();
        // what a server's tools were is written beside the call that learned them: it may be under way now
        room.pools.work().awaitTermination(1, TimeUnit.MINUTES);
    }

    /** What a server's entry says. */
    private record Settings(String[] command, String url, String[] tools, int timeoutSeconds, int idleSeconds)
            implements McpServer.Config {
        @Override
        public String env() {
            return "";
        }

        @Override
        public String headers() {
            return "";
        }

        @Override
        public String directory() {
            return "";
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return McpServer.Config.class;
        }
    }

    private McpServer program(int timeoutSeconds, int idleSeconds) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String[] command = {
            java,
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path"),
            FakeServerMain.class.getName(),
            starts.toString()
        };
        return server(
                new Settings(command, "", new String[0], timeoutSeconds, idleSeconds), Map.of("env.PLACE", "Oslo"));
    }

    private McpServer server(McpServer.Config config, Map<String, Object> more) {
        Map<String, Object> properties = new HashMap<>(more);
        properties.put("koshi.plugin.name", "mcp~docs");
        properties.put("koshi.data", data.toString());
        McpServer server =
                new McpServer(codec, room.pools, children, http, new Nothing(), registry.context(), config, properties);
        servers.add(server);
        return server;
    }

    /** Keeps nothing, and says what it was given. */
    private static final class Nothing implements Blobs {
        @Override
        public String put(InputStream bytes) throws IOException {
            return "ref-" + new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
        }

        @Override
        public InputStream open(String ref) {
            return new ByteArrayInputStream(new byte[0]);
        }
    }

    private Tool tool(String name) {
        await().until(() -> registry.tools.containsKey(name));
        return registry.tools.get(name);
    }

    private Tool.Output call(String tool, String say) throws Exception {
        Tool.Context context = new Tool.Context("s", "r", "c", Optional.empty(), data, Trust.HIGH);
        return tool(tool).run(context, Map.of("say", say));
    }

    private List<String> starts() throws IOException {
        return Files.exists(starts) ? Files.readAllLines(starts) : List.of();
    }

    /** What the model is told; the server may have said it, so it is not the hub's. */
    private String refused(String tool) throws Exception {
        Tool.Output output = call(tool, "");
        assertThat(output.ok()).isFalse();
        assertThat(output.trust()).isEqualTo(Trust.LOW);
        return output.text();
    }

    @Test
    void aServersToolsAreTheHubsWithItsNameInFrontAndGiveUntrustedText() throws Exception {
        McpServer server = program(120, 600);
        Tool echo = tool("docs_echo");
        await().untilAsserted(() -> assertThat(registry.tools.keySet())
                .containsExactlyInAnyOrder(
                        "docs_echo",
                        "docs_die_now_",
                        "docs_hang",
                        "docs_garble",
                        "docs_flood",
                        "docs_change",
                        "docs_ask"));
        assertThat(echo.readOnly()).isTrue();
        assertThat(tool("docs_hang").readOnly()).isFalse();
        assertThat(echo.audience()).isEqualTo(Tool.Audience.WORKER);
        assertThat(echo.spec().parameters()).containsKey("properties");
        assertThat(call("docs_echo", "hello")).isEqualTo(Tool.Output.untrusted("hello in Oslo"));
        assertThat(call("docs_ask", "")).extracting(Tool.Output::text).isEqualTo("asked");
        assertThat(server.health().data()).containsEntry("tools", 7).containsEntry("connected", true);
        assertThat(server.health().status()).isEqualTo(Health.Status.HEALTHY);
    }

    @Test
    void whatIsKnownOfAServerServesWithoutStartingItUntilAToolIsCalled() throws Exception {
        program(120, 600);
        tool("docs_echo");
        await().until(() -> Files.exists(data.resolve("mcp/docs.json"))); // it remembers after it has offered
        servers.remove(0).close();
        assertThat(registry.tools).isEmpty();
        assertThat(starts()).hasSize(1);

        program(120, 1);
        tool("docs_echo");
        assertThat(starts()).hasSize(1);
        assertThat(call("docs_echo", "late").text()).isEqualTo("late in Oslo");
        assertThat(starts()).hasSize(2);

        await().until(() -> running().isEmpty());
        assertThat(call("docs_echo", "again").text())
                .as("a server that rested is started again")
                .isEqualTo("again in Oslo");
    }

    private List<ProcessHandle> running() throws IOException {
        return starts().stream()
                .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
                .filter(ProcessHandle::isAlive)
                .toList();
    }

    @Test
    void aServerThatDiesIsStartedAgainAfterAPauseAndItsLastWordsAreKept() throws Exception {
        McpServer server = program(120, 600);
        assertThat(refused("docs_die_now_")).contains("docs is not there");
        String meanwhile = refused("docs_echo"); // at once: the pause is a second
        Health.Report health = server.health();
        assertThat(meanwhile).contains("tried again in");
        assertThat(health.status()).isEqualTo(Health.Status.DEGRADED);
        assertThat(health.message().orElse("")).doesNotContain("Oslo"); // of its environment
        await().ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(call("docs_echo", "back").text()).isEqualTo("back in Oslo"));
        assertThat(starts()).hasSize(2);
        assertThat(server.health().status()).isEqualTo(Health.Status.HEALTHY);
    }

    @Test
    void garbageIsSkippedAndAFloodEndsTheServerNotTheHub() throws Exception {
        program(120, 600);
        assertThat(call("docs_garble", "")).isEqualTo(new Tool.Output("after the garbage", false, Trust.LOW));
        assertThat(refused("docs_flood")).contains("bytes at once");
        await().until(() -> running().isEmpty());
    }

    @Test
    void aServerThatNeverAnswersTimesOutAndIsReplacedWhenItKeepsSilent() throws Exception {
        program(8, 600); // the next one must answer in that time, too, on a busy machine
        tool("docs_hang");
        List<Future<String>> asked = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            asked.add(room.pools.work().submit(() -> refused("docs_hang")));
        }
        for (Future<String> each : asked) {
            assertThat(each.get()).contains("did not answer within 8000 ms");
        }
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(call("docs_echo", "new").text()).isEqualTo("new in Oslo"));
        assertThat(starts()).hasSize(2);
    }

    @Test
    void aChangedListBringsNewToolsAndLeavesTheOthersAsTheyAre() throws Exception {
        program(120, 600);
        Tool echo = tool("docs_echo");
        call("docs_change", "");
        tool("docs_fresh");
        assertThat(registry.tools.get("docs_echo")).isSameAs(echo);
    }

    @Test
    void closingLeavesNoProcessAndNoTool() throws Exception {
        program(120, 600);
        tool("docs_echo");
        assertThat(running()).hasSize(1);
        servers.remove(0).close();
        assertThat(running()).isEmpty();
        assertThat(registry.tools).isEmpty();
        assertThat(Files.list(data.resolve("children"))).isEmpty();
    }

    @Test
    void aProgramThatIsNotThereIsSaidAndTriedAgain() {
        McpServer server = server(new Settings(new String[] {"no-such-server"}, "", new String[0], 5, 600), Map.of());
        await().until(() -> server.health().status() == Health.Status.DEGRADED);
        assertThat(server.health().message().orElseThrow()).contains("no-such-server");
    }

    @Test
    void aServerHasEitherACommandOrAUrl() {
        assertThatThrownBy(() -> server(new Settings(new String[0], "", new String[0], 5, 600), Map.of()))
                .hasMessageContaining("either a command or a url");
        assertThatThrownBy(() -> server(new Settings(new String[0], "docs.example", new String[0], 5, 600), Map.of()))
                .hasMessageContaining("https://");
    }

    /** A server over HTTP: JSON for one method, a stream of events for another, a session that can be lost. */
    private final class Remote implements AutoCloseable {
        final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        final List<String> sessions = new CopyOnWriteArrayList<>();
        final List<String> keys = new CopyOnWriteArrayList<>();
        final List<OutputStream> listeners = new CopyOnWriteArrayList<>();
        final List<String> tools = new CopyOnWriteArrayList<>(List.of("find"));
        volatile int status = 200;

        Remote() throws IOException {
            server.createContext("/mcp", this::answer);
            server.setExecutor(Executors.newCachedThreadPool());
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/mcp";
        }

        /** Says something to whoever listens by GET. */
        private void tell(String method) throws IOException {
            for (OutputStream listener : listeners) {
                listener.write(("data: {\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\"}\n\n")
                        .getBytes(StandardCharsets.UTF_8));
                listener.flush();
            }
        }

        private void answer(HttpExchange exchange) throws IOException {
            if (exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().add("content-type", "text/event-stream");
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write(": here\n\n".getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
                listeners.add(exchange.getResponseBody());
                return;
            }
            Map<String, Object> message =
                    Json.object(codec.parseJson(exchange.getRequestBody().readAllBytes()));
            String method = Json.text(message.get("method"));
            keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("x-key")));
            String session = exchange.getRequestHeaders().getFirst("mcp-session-id");
            if (method.equals("initialize")) {
                sessions.add("session-" + sessions.size());
                exchange.getResponseHeaders().add("mcp-session-id", sessions.get(sessions.size() - 1));
                send(exchange, "application/json", response(message, Map.of("protocolVersion", "2025-06-18")));
            } else if (status != 200 || !sessions.get(sessions.size() - 1).equals(session)) {
                exchange.sendResponseHeaders(status == 200 ? 404 : status, -1);
                exchange.close();
            } else if (message.get("id") == null) {
                exchange.sendResponseHeaders(202, -1);
                exchange.close();
            } else if (method.equals("tools/list")) {
                List<Map<String, Object>> offered = tools.stream()
                        .map(tool -> Map.of("name", (Object) tool, "inputSchema", Map.of("type", "object")))
                        .toList();
                send(exchange, "application/json", response(message, Map.of("tools", offered)));
            } else {
                String text = new String(
                        codec.json(response(
                                message,
                                Map.of(
                                        "content",
                                        List.of(
                                                Map.of("type", "text", "text", "found"),
                                                Map.of("type", "image", "mimeType", "image/png", "data", "aGk="))))),
                        StandardCharsets.UTF_8);
                send(
                        exchange,
                        "text/event-stream",
                        ": hello\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\n\ndata: " + text
                                + "\n\n");
            }
        }

        private Map<String, Object> response(Map<String, Object> message, Map<String, Object> result) {
            return Map.of("jsonrpc", "2.0", "id", message.get("id"), "result", result);
        }

        private void send(HttpExchange exchange, String type, Object body) throws IOException {
            byte[] bytes = body instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : codec.json(body);
            exchange.getResponseHeaders().add("content-type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @Test
    void aServerOverHttpIsHeardWhenItSaysThatItsToolsHaveChanged() throws Exception {
        try (Remote remote = new Remote()) {
            server(new Settings(new String[0], remote.url(), new String[0], 5, 1), Map.of());
            tool("docs_find");
            await().until(() -> !remote.listeners.isEmpty());

            remote.tools.add("count");
            remote.tell("notifications/tools/list_changed");

            tool("docs_count");
            remote.listeners.remove(0).close(); // as a proxy does after a while
            await().until(() -> !remote.listeners.isEmpty());
        }
    }

    @Test
    void aServerOverHttpAnswersInJsonOrEventsAndItsLostSessionIsBegunAnew() throws Exception {
        try (Remote remote = new Remote()) {
            server(new Settings(new String[0], remote.url(), new String[0], 60, 600), Map.of("headers.X-Key", "k1"));
            assertThat(call("docs_find", "").text()).isEqualTo("found\n[image/png, 2 bytes, blob ref-hi]");
            assertThat(remote.keys).containsOnly("k1");

            remote.sessions.add("a new one, as after a restart");
            assertThat(refused("docs_find")).contains("ended the session");
            await().ignoreExceptions()
                    .untilAsserted(
                            () -> assertThat(call("docs_find", "").text()).startsWith("found"));

            remote.status = 401;
            assertThat(refused("docs_find")).contains("mcp.servers.docs.headers");
        }
    }
}
