package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.json.schema.jackson2.DefaultJsonSchemaValidator;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.ListToolsResult;
import io.modelcontextprotocol.spec.McpSchema.ReadResourceRequest;
import io.modelcontextprotocol.spec.McpSchema.Resource;
import io.modelcontextprotocol.spec.McpSchema.SubscribeRequest;
import io.modelcontextprotocol.spec.McpSchema.TextContent;
import io.modelcontextprotocol.spec.McpSchema.TextResourceContents;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The official client of the Model Context Protocol talks to the hub, over HTTP and through {@code koshi mcp}. */
class McpIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String INITIALIZE = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"
            + "\"protocolVersion\":\"%s\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}";

    @TempDir
    static Path home;

    private static FakeModel model;
    private static Daemon daemon;
    private static String admin;

    @BeforeAll
    static void start() throws Exception {
        model = new FakeModel();
        daemon = Daemon.in(home).config("""
                http: { port: 0 }
                gateway: { maxFrame: 1MB }
                models:
                  fake: { plugin: anthropic, model: fake-1, apiKey: none, endpoint: "%s" }
                agent: { model: fake }
                """.formatted(model.endpoint())).start();
        admin = Files.readString(home.resolve("token")).strip();
    }

    @AfterAll
    static void stop() {
        daemon.close();
        model.close();
    }

    @Test
    void theOfficialClientUsesToolsAndResourcesOverHttp() throws Exception {
        List<List<Tool>> changes = new CopyOnWriteArrayList<>();
        List<String> updates = new CopyOnWriteArrayList<>();
        try (McpSyncClient client = client(http(admin), changes, updates)) {
            assertThat(client.initialize().serverInfo().name()).isEqualTo("koshi");
            uses(client);

            String session = "koshi://session/console%3Amain";
            daemon.call("session.create", Map.of("sessionKey", "console:main"));
            client.subscribeResource(new SubscribeRequest(session));
            daemon.call("channel.receive", Map.of("text", "hello", "conversation", "main"));
            await().until(() -> !updates.isEmpty());
            await().untilAsserted(() ->
                    assertThat(runs("console:main").findValuesAsText("status")).containsExactly("done"));

            daemon.call("plugin.add", Map.of("source", Examples.jar("notes")));
            await().untilAsserted(() -> assertThat(changes)
                    .anySatisfy(tools ->
                            assertThat(tools).anyMatch(tool -> tool.name().startsWith("note_"))));
        }
    }

    @Test
    void theOfficialClientUsesToolsAndResourcesThroughTheCommand() {
        ServerParameters koshi = ServerParameters.builder(Path.of(System.getProperty("koshi.dist"), "bin", "koshi")
                        .toAbsolutePath()
                        .toString())
                .args("--home", home.toString(), "mcp")
                .build();
        try (McpSyncClient client = client(
                new StdioClientTransport(koshi, new JacksonMcpJsonMapper(JSON)),
                new CopyOnWriteArrayList<>(),
                new CopyOnWriteArrayList<>())) {
            assertThat(client.initialize().serverInfo().name()).isEqualTo("koshi");
            uses(client);
            client.closeGracefully();
        }
    }

    private static void uses(McpSyncClient client) {
        client.ping();
        List<Tool> tools = allTools(client);
        assertThat(tools).extracting(Tool::name).doesNotHaveDuplicates().contains("memory_store", "session_list");
        Tool query = named(tools, "memory_query");
        assertThat(query.annotations().readOnlyHint()).isTrue();
        assertThat(query.outputSchema()).isNotEmpty();
        assertThat(named(tools, "memory_forget").annotations().destructiveHint())
                .isTrue();

        CallToolResult stored =
                client.callTool(new CallToolRequest("memory_store", Map.of("content", "MCP works over wires")));
        assertThat(stored.isError()).isFalse();
        CallToolResult found = client.callTool(new CallToolRequest("memory_query", Map.of("query", "wires")));
        assertThat(found.isError()).as(found.toString()).isFalse();
        assertThat(found.structuredContent().toString()).contains("MCP works over wires");
        assertThat(((TextContent) found.content().get(0)).text()).contains("MCP works over wires");
        for (String looks : List.of("hub_status", "hub_health", "session_list", "buffer_depth", "task_list")) {
            assertThat(client.callTool(new CallToolRequest(looks, Map.of())).isError())
                    .as("its answer fits its schema: " + looks)
                    .isFalse();
        }
        CallToolResult wrong = client.callTool(new CallToolRequest("memory_query", Map.of("query", 7)));
        assertThat(wrong.isError()).isTrue();
        assertThat(((TextContent) wrong.content().get(0)).text()).startsWith("INVALID_PARAMS");
        assertThatThrownBy(() -> client.callTool(new CallToolRequest("no_such", Map.of())))
                .hasMessageContaining("Unknown tool");

        List<Resource> resources = client.listResources().resources();
        assertThat(resources).extracting(Resource::uri).contains("koshi://memories/newest");
        TextResourceContents memories =
                (TextResourceContents) client.readResource(new ReadResourceRequest("koshi://memory/wires"))
                        .contents()
                        .get(0);
        assertThat(memories.text()).contains("MCP works over wires");
        assertThat(client.listResourceTemplates().resourceTemplates()).hasSize(2);
        assertThatThrownBy(() -> client.readResource(new ReadResourceRequest("koshi://nothing")))
                .hasMessageContaining("not found");
        assertThat(client.listPrompts().prompts()).isNotNull();
    }

    @Test
    void offersAGuestWhatItsTokenAllowsAndNothingElse() throws Exception {
        String reader = daemon.call("token.create", Map.of("name", "mcp", "scopes", List.of("memory.read")))
                .path("token")
                .asText();
        try (McpSyncClient client = client(http(reader), new ArrayList<>(), new ArrayList<>())) {
            client.initialize();
            assertThat(allTools(client)).allMatch(tool -> tool.name().startsWith("memory_"));
            assertThat(allTools(client)).noneMatch(tool -> tool.name().equals("memory_store"));
            CallToolResult refused = client.callTool(new CallToolRequest("memory_store", Map.of("content", "x")));
            assertThat(refused.isError()).isTrue();
            assertThat(((TextContent) refused.content().get(0)).text()).startsWith("FORBIDDEN");
            assertThat(client.listResources().resources())
                    .extracting(Resource::uri)
                    .containsExactly("koshi://memories/newest");
        }
    }

    @Test
    void closesTheStreamOfARevokedToken() throws Exception {
        String token = daemon.call("token.create", Map.of("name", "brief", "scopes", List.of("hub.read")))
                .path("token")
                .asText();
        String session = begin(token, "2025-06-18");
        HttpResponse<InputStream> stream = CLIENT.send(
                ask("GET", "", token, "Mcp-Session-Id", session, "Accept", "text/event-stream"),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);
        CompletableFuture<String> end = CompletableFuture.supplyAsync(() -> {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                String last = "";
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    last = line;
                }
                return last;
            } catch (IOException e) {
                return "cut";
            }
        });
        daemon.call("token.revoke", Map.of("name", "brief"));
        end.get(120, TimeUnit.SECONDS);
        assertThat(send("POST", "{}", token).statusCode()).isEqualTo(401);
    }

    @Test
    void keepsToItsTransport() throws Exception {
        String session = begin(admin, "2025-06-18");
        String[] mine = {"Mcp-Session-Id", session};
        String ping = "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"}";
        assertThat(send("POST", ping, admin, mine).body())
                .isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}");
        assertThat(send("POST", ping, admin).statusCode()).isEqualTo(400);
        assertThat(send("POST", ping, admin, "Mcp-Session-Id", "01").statusCode())
                .isEqualTo(404);
        assertThat(send("POST", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", admin, mine)
                        .statusCode())
                .isEqualTo(202);
        assertThat(send("POST", ping, admin, "Mcp-Session-Id", session, "MCP-Protocol-Version", "1999-01-01")
                        .statusCode())
                .isEqualTo(400);
        HttpResponse<String> streamed =
                send("POST", ping, admin, "Mcp-Session-Id", session, "Accept", "text/event-stream");
        assertThat(streamed.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        assertThat(streamed.body())
                .startsWith("event: message\ndata: {\"jsonrpc\"")
                .endsWith("\n\n");
        assertThat(send("GET", "", admin, mine).statusCode()).isEqualTo(405);
        assertThat(send("PUT", "", admin, mine).statusCode()).isEqualTo(405);
        assertThat(send("POST", ping, null, mine).statusCode()).isEqualTo(401);
        assertThat(send("POST", ping, admin, "Mcp-Session-Id", session, "Origin", "http://evil.example")
                        .statusCode())
                .isEqualTo(403);
        String other = daemon.call("token.create", Map.of("name", "other", "scopes", List.of("*")))
                .path("token")
                .asText();
        assertThat(send("POST", ping, other, mine).statusCode())
                .as("another's session")
                .isEqualTo(404);
        assertThat(send("DELETE", "", admin, mine).statusCode()).isEqualTo(204);
        assertThat(send("POST", ping, admin, mine).statusCode()).isEqualTo(404);

        String old = begin(admin, "2025-03-26");
        assertThat(send("POST", "[" + ping + "," + ping.replace("\"a\"", "2") + "]", admin, "Mcp-Session-Id", old)
                        .body())
                .contains("\"id\":\"a\"", "\"id\":2");
        assertThat(JSON.readTree(send("POST", INITIALIZE.formatted("1999-01-01"), admin)
                                .body())
                        .at("/result/protocolVersion")
                        .asText())
                .isEqualTo("2025-11-25");
        assertThat(JSON.readTree(send("POST", INITIALIZE.formatted("2024-11-05"), admin)
                                .body())
                        .at("/result/protocolVersion")
                        .asText())
                .isEqualTo("2024-11-05");
    }

    @Test
    void tellsHowFarARunIsAndThenItsAnswer() throws Exception {
        String session = begin(admin, "2025-11-25");
        CountDownLatch held = new CountDownLatch(1);
        model.then(FakeModel.saysSlowly("on my way", held));
        List<JsonNode> said = new ArrayList<>();
        String place = "";
        try (BufferedReader lines = stream(ask("POST", run(7, "progress"), admin, streaming(session)))) {
            String id = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                id = line.startsWith("id: ") ? line.substring(4) : id;
                if (line.startsWith("data: {")) {
                    said.add(JSON.readTree(line.substring(6)));
                    place = said.size() == 1 ? id : place;
                    if (said.get(said.size() - 1).at("/params/message").asText().endsWith("way")) {
                        held.countDown();
                    }
                }
            }
        }
        JsonNode last = said.remove(said.size() - 1);
        assertThat(last.at("/id").asInt()).isEqualTo(7);
        assertThat(last.at("/result/structuredContent/response").asText()).isEqualTo("on my way");
        assertThat(said).allSatisfy(each -> {
            assertThat(each.path("method").asText()).isEqualTo("notifications/progress");
            assertThat(each.at("/params/progressToken").asText()).isEqualTo("progress");
        });
        assertThat(said)
                .extracting(each -> each.at("/params/progress").asInt())
                .isSorted()
                .doesNotHaveDuplicates();

        try (BufferedReader lines = stream(ask(
                "GET", "", admin, "Mcp-Session-Id", session, "Accept", "text/event-stream", "Last-Event-ID", place))) {
            assertThat(lines.lines().toList())
                    .as("the stream of a request can be taken up again")
                    .anyMatch(line -> line.contains("\"id\":7") && line.contains("on my way"));
        }
        String gone = place.replaceAll("^.{10}", "0000000000");
        assertThat(send(
                                "GET",
                                "",
                                admin,
                                "Mcp-Session-Id",
                                session,
                                "Accept",
                                "text/event-stream",
                                "Last-Event-ID",
                                gone)
                        .statusCode())
                .isEqualTo(405);
    }

    @Test
    void callsOffWhatIsCancelledAndSaysNothingMoreToIt() throws Exception {
        String session = begin(admin, "2025-06-18");
        String[] mine = {"Mcp-Session-Id", session};
        for (String unknown : List.of("99", "\"x\"", "null", "{}", "[]")) {
            assertThat(send("POST", cancelled(unknown), admin, mine).statusCode())
                    .isEqualTo(202);
        }
        Runnable silent = silence();
        StringBuilder said = new StringBuilder();
        try (BufferedReader lines = stream(ask("POST", run(8, "t"), admin, streaming(session)))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.append(line).append('\n');
                if (line.contains("begins")) {
                    silent.run();
                    assertThat(send("POST", cancelled("8"), admin, mine).statusCode())
                            .isEqualTo(202);
                }
            }
        }
        assertThat(said.toString()).contains("notifications/progress").doesNotContain("\"id\":8");
        cancelledRun("mcp:8");

        silent = silence();
        CompletableFuture<HttpResponse<String>> plain = CLIENT.sendAsync(
                ask("POST", run(9, null), admin, "Mcp-Session-Id", session, "Accept", "application/json"),
                HttpResponse.BodyHandlers.ofString());
        silent.run();
        send("POST", cancelled("9"), admin, mine);
        assertThat(plain.get(2, TimeUnit.MINUTES).statusCode()).isEqualTo(202);
        assertThat(plain.get().body()).isEmpty();
        cancelledRun("mcp:9");
    }

    @Test
    void aStreamThatBreaksCallsNothingOff() throws Exception {
        String session = begin(admin, "2025-06-18");
        CountDownLatch held = new CountDownLatch(1);
        model.then(FakeModel.saysSlowly("finished all the same", held));
        try (BufferedReader lines = stream(ask("POST", run(10, "t"), admin, streaming(session)))) {
            for (String line = lines.readLine(); !line.contains("begins"); line = lines.readLine()) {
                assertThat(line).isNotNull();
            }
        }
        held.countDown();
        await().until(() -> runs("mcp:10").findValuesAsText("status").contains("done"));
    }

    @Test
    void theCommandTellsProgressAndCallsOff() throws Exception {
        Process bridge = new ProcessBuilder(
                        Path.of(System.getProperty("koshi.dist"), "bin", "koshi")
                                .toAbsolutePath()
                                .toString(),
                        "--home",
                        home.toString(),
                        "mcp")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines =
                        new BufferedReader(new InputStreamReader(bridge.getInputStream(), StandardCharsets.UTF_8));
                PrintWriter client = new PrintWriter(bridge.getOutputStream(), true, StandardCharsets.UTF_8)) {
            client.println(INITIALIZE.formatted("2024-11-05"));
            assertThat(said(lines)).contains("2024-11-05");
            CountDownLatch held = new CountDownLatch(1);
            model.then(FakeModel.saysSlowly("by pipe", held));
            client.println(run(11, "p"));
            String line = said(lines);
            while (line.contains("notifications/progress")) {
                assertThat(line).contains("\"progressToken\":\"p\"");
                if (line.contains("by pipe")) {
                    held.countDown();
                }
                line = said(lines);
            }
            assertThat(held.getCount()).isZero();
            assertThat(line).contains("\"id\":11", "by pipe");

            Runnable silent = silence();
            client.println(run(12, "q"));
            assertThat(said(lines)).contains("\"progressToken\":\"q\"", "begins");
            silent.run();
            client.println(cancelled("12"));
            cancelledRun("mcp:12");
            client.println("{\"jsonrpc\":\"2.0\",\"id\":14,\"method\":\"ping\"}");
            assertThat(said(lines)).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":14,\"result\":{}}");
            client.close();
            assertThat(bridge.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(bridge.exitValue()).isZero();
            assertThat(said(lines)).isNull();
        } finally {
            bridge.destroyForcibly();
        }
    }

    @Test
    void aSessionThatIsDeletedTakesItsStreamsAlong() throws Exception {
        String session = begin(admin, "2025-06-18");
        try (BufferedReader lines =
                stream(ask("GET", "", admin, "Mcp-Session-Id", session, "Accept", "text/event-stream"))) {
            assertThat(send("DELETE", "", admin, "Mcp-Session-Id", session).statusCode())
                    .isEqualTo(204);
            assertThat(lines.lines()).noneMatch(line -> line.startsWith("data:"));
        }
    }

    @Test
    void oneBadMessageSpoilsNoOtherOfItsBatch() throws Exception {
        String ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";
        JsonNode answers = JSON.readTree(send(
                        "POST",
                        "[" + ping + ",7,{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}]",
                        admin,
                        "Mcp-Session-Id",
                        begin(admin, "2025-03-26"))
                .body());
        assertThat(answers).hasSize(2);
        assertThat(answers.get(0).path("id").asInt()).isEqualTo(1);
        assertThat(answers.get(1).at("/error/code").asInt()).isEqualTo(-32600);
    }

    /** The next line that is not news of other tests' doings. */
    private static String said(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        while (line != null && line.contains("/list_changed")) {
            line = lines.readLine();
        }
        return line;
    }

    private static String run(int id, String token) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"agent_run\","
                + "\"arguments\":{\"sessionKey\":\"mcp:" + id + "\",\"task\":\"go\"}"
                + (token == null ? "" : ",\"_meta\":{\"progressToken\":\"" + token + "\"}") + "}}";
    }

    private static String cancelled(String requestId) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":" + requestId
                + ",\"reason\":\"enough\"}}";
    }

    private static String[] streaming(String session) {
        return new String[] {"Mcp-Session-Id", session, "Accept", "application/json, text/event-stream"};
    }

    private static BufferedReader stream(HttpRequest request) throws Exception {
        HttpResponse<InputStream> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    private static JsonNode runs(String session) throws Exception {
        return daemon.call("agent.list", Map.of("sessionKey", session)).path("runs");
    }

    /** Has the model be silent next; what it gives waits until it is. */
    private static Runnable silence() {
        int before = model.requests().size();
        model.then(model.staysSilent());
        return () -> await().until(() -> model.requests().size() > before);
    }

    private static void cancelledRun(String session) {
        await().untilAsserted(() ->
                assertThat(runs(session).findValuesAsText("status")).containsExactly("cancelled"));
    }

    @Test
    void answersBadInputWithAnErrorOfJsonRpc() throws Exception {
        String[] mine = {"Mcp-Session-Id", begin(admin, "2025-06-18")};
        for (String body : List.of(
                "",
                "{",
                "\u0000",
                "[".repeat(10_000) + "]".repeat(10_000),
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":NaN,\"method\":\"ping\"}")) {
            error(send("POST", body, admin, mine), 400, -32700);
        }
        for (String body : List.of(
                "{}",
                "7",
                "[]",
                "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[1]}")) {
            error(send("POST", body, admin, mine), 400, -32600);
        }
        error(send("POST", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nope\"}", admin, mine), 200, -32601);
        for (String params : List.of(
                "{}",
                "{\"name\":7}",
                "{\"name\":\"hub_status\",\"arguments\":[]}",
                "{\"name\":\"gateway_register\"}")) {
            String call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":" + params + "}";
            error(send("POST", call, admin, mine), 200, -32602);
        }
        for (String cursor : List.of("-1", "x", "\"x\"", "{}")) {
            String list =
                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":" + cursor + "}}";
            if (!cursor.equals("x")) {
                error(send("POST", list, admin, mine), 200, -32602);
            }
        }
        assertThat(send("POST", " ".repeat(2 << 20), admin, mine).statusCode()).isEqualTo(413);
    }

    private static List<Tool> allTools(McpSyncClient client) {
        List<Tool> all = new ArrayList<>();
        ListToolsResult page = client.listTools(null);
        all.addAll(page.tools());
        while (page.nextCursor() != null) {
            page = client.listTools(page.nextCursor());
            all.addAll(page.tools());
        }
        return all;
    }

    private static Tool named(List<Tool> tools, String name) {
        return tools.stream()
                .filter(tool -> tool.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static McpClientTransport http(String token) {
        return HttpClientStreamableHttpTransport.builder(daemon.http().toString())
                .endpoint("/mcp")
                .jsonMapper(new JacksonMcpJsonMapper(JSON))
                .openConnectionOnStartup(true)
                .requestBuilder(HttpRequest.newBuilder().header("Authorization", "Bearer " + token))
                .build();
    }

    private static McpSyncClient client(McpClientTransport transport, List<List<Tool>> changes, List<String> updates) {
        return McpClient.sync(transport)
                .requestTimeout(Duration.ofMinutes(2))
                .initializationTimeout(Duration.ofMinutes(2))
                .jsonSchemaValidator(new DefaultJsonSchemaValidator(JSON))
                .enableCallToolSchemaCaching(true)
                .toolsChangeConsumer(changes::add)
                .resourcesUpdateConsumer(contents -> updates.add(contents.toString()))
                .build();
    }

    private static String begin(String token, String version) throws Exception {
        HttpResponse<String> answer = send("POST", INITIALIZE.formatted(version), token);
        assertThat(JSON.readTree(answer.body()).at("/result/protocolVersion").asText())
                .isEqualTo(version);
        return answer.headers().firstValue("Mcp-Session-Id").orElseThrow();
    }

    private static void error(HttpResponse<String> answer, int status, int code) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        JsonNode message = JSON.readTree(answer.body());
        assertThat(message.at("/error/code").asInt()).as(answer.body()).isEqualTo(code);
        assertThat(message.path("jsonrpc").asText()).isEqualTo("2.0");
    }

    private static HttpRequest ask(String method, String body, String token, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(daemon.http() + "/mcp"))
                .timeout(Duration.ofMinutes(2))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return (headers.length == 0 ? request : request.headers(headers)).build();
    }

    private static HttpResponse<String> send(String method, String body, String token, String... headers)
            throws Exception {
        return CLIENT.send(ask(method, body, token, headers), HttpResponse.BodyHandlers.ofString());
    }
}
