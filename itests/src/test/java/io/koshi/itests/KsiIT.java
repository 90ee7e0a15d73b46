package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An older daemon's HTTP clients get the bodies they know, byte for byte where they were captured. */
class KsiIT {
    private static final String SESSION = "550e8400-e29b-41d4-a716-446655440000";
    private static final String UUID = "^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    static Path home;

    private static Daemon daemon;
    private static String base;

    @BeforeAll
    static void start() throws Exception {
        Files.createDirectories(home);
        Path program = Files.writeString(home.resolve("claude.sh"), """
                prompt=$(cat)
                printf '%s\n' "$prompt" >> "$(dirname "$0")/prompts"
                case $prompt in *fail*) echo '{"error":"told to fail"}'; exit 1;; esac
                printf '{"type":"result","result":"the program heard it","session_id":"p1"}'
                """);
        daemon = Daemon.in(home).config("""
                http: { port: 0 }
                doors: { ksi: { http: 0 } }
                models: { claude: { plugin: command, command: ["/bin/sh", "%s"], output: json } }
                """.formatted(program)).start();
        await().until(() -> port() != 0);
        base = "http://127.0.0.1:" + port();
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @Test
    void acceptsASpawnAndTellsOfItsEnd() throws Exception {
        List<String> events = new CopyOnWriteArrayList<>();
        WebSocket socket = CLIENT.newWebSocketBuilder()
                .buildAsync(URI.create(base.replace("http", "ws") + "/ws"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                        events.add(text.toString());
                        from.request(1);
                        return null;
                    }
                })
                .join();
        try (EventLog results = EventLog.of(daemon, "results:*", "commands:*")) {
            HttpResponse<String> answer = post(
                    "/api/v1/spawn",
                    "{\"session_id\":\"" + SESSION + "\",\"prompt\":\"Hello, Claude!\",\"model\":\"sonnet\"}");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body())
                    .isEqualTo("{\"status\":\"accepted\",\"session_id\":\"" + SESSION
                            + "\",\"message\":\"Spawn command queued for processing\"}");
            JsonNode result = results.await("results:" + SESSION, any -> true);
            assertThat(result.path("status").asText()).isEqualTo("completed");
            assertThat(result.path("output").asText()).isEqualTo("the program heard it");
            assertThat(result.path("error").isNull()).isTrue();
            assertThat(Files.readString(home.resolve("prompts"))).contains("Hello, Claude!");
            assertThat(results.payloads("commands:spawn")).hasSize(1);
        }
        await().until(() -> !events.isEmpty());
        assertThat(events.get(0))
                .isEqualTo(
                        "{\"event\":\"spawn_complete\",\"session_id\":\"" + SESSION + "\",\"status\":\"completed\"}");
        events.clear();
        daemon.call("event.publish", Map.of("topic", "events:test", "payload", Map.of("test", "event")));
        await().until(() -> events.contains("{\"test\":\"event\"}"));
        socket.abort();
    }

    @Test
    void tellsOfASpawnWhoseProgramFailed() throws Exception {
        String session = SESSION.replace('5', '6');
        try (EventLog results = EventLog.of(daemon, "results:*", "events:*")) {
            post("/api/v1/spawn", "{\"session_id\":\"" + session + "\",\"prompt\":\"fail, please\"}");
            JsonNode result = results.await("results:" + session, any -> true);
            assertThat(result.path("status").asText()).isEqualTo("failed");
            assertThat(result.path("output").isNull()).isTrue();
            assertThat(result.path("error").asText()).isNotBlank();
            assertThat(results.await(
                                    "events:broadcast",
                                    told -> told.path("session_id").asText().equals(session))
                            .path("status")
                            .asText())
                    .isEqualTo("failed");
        }
    }

    @Test
    void refusesInTheWordsOfItsModels() throws Exception {
        refused(
                "{\"session_id\":\"invalid-id\",\"prompt\":\"x\"}",
                "[{\"loc\":[\"body\",\"session_id\"],\"msg\":\"string does not match regex \\\"" + UUID
                        + "\\\"\",\"type\":\"value_error.str.regex\",\"ctx\":{\"pattern\":\"" + UUID + "\"}}]");
        refused(
                "{\"session_id\":\"" + SESSION + "\"}",
                "[{\"loc\":[\"body\",\"prompt\"],\"msg\":\"field required\",\"type\":\"value_error.missing\"}]");
        JsonNode command = JSON.readTree(post(
                                "/api/v1/spawn",
                                "{\"command\":\"BOGUS\",\"session_id\":\"" + SESSION + "\",\"prompt\":\"x\"}")
                        .body())
                .path("detail")
                .get(0);
        assertThat(command.path("type").asText()).isEqualTo("type_error.enum");
        assertThat(command.at("/ctx/enum_values").toString()).contains("\"SPAWN:async:claude\"", "\"SHUTDOWN\"");
        JsonNode malformed =
                JSON.readTree(post("/api/v1/spawn", "{x").body()).path("detail").get(0);
        assertThat(malformed.path("loc").toString()).isEqualTo("[\"body\",1]");
        assertThat(malformed.path("msg").asText())
                .isEqualTo("Expecting property name enclosed in double quotes: line 1 column 2 (char 1)");
        assertThat(malformed.path("type").asText()).isEqualTo("value_error.jsondecode");
        for (String body : List.of(
                "",
                "[]",
                "7",
                "{\"session_id\":7,\"prompt\":null}",
                "{\"session_id\":[],\"prompt\":{}}",
                "[".repeat(10_000),
                "\u0000",
                "{\"session_id\":\"" + SESSION + "\",\"prompt\":\"x\",\"tools\":7}")) {
            assertThat(post("/api/v1/spawn", body).statusCode()).as(body).isEqualTo(422);
        }
        assertThat(post("/api/v1/spawn", " ".repeat(9 << 20)).statusCode()).isEqualTo(413);
    }

    @Test
    void registersAgentsAndSaysHowItIs() throws Exception {
        HttpResponse<String> answer = post(
                "/api/v1/agents/register",
                "{\"session_id\":\"" + SESSION + "\",\"agent_id\":\"a\",\"profile\":\"p\",\"capabilities\":[\"x\"]}");
        assertThat(JSON.readTree(answer.body()).path("status").asText()).isEqualTo("registered");
        assertThat(JSON.readTree(answer.body()).at("/agent/agent_id").asText()).isEqualTo("a");
        HttpResponse<String> nameless = post(
                "/api/v1/agents/register",
                "{\"session_id\":\"" + SESSION + "\",\"agent_id\":\"\",\"profile\":\"p\",\"capabilities\":[]}");
        assertThat(nameless.statusCode()).as(nameless.body()).isEqualTo(422);
        assertThat(JSON.readTree(nameless.body()).at("/detail/0/loc").toString())
                .isEqualTo("[\"body\",\"agent_id\"]");
        assertThat(JSON.readTree(get("/api/v1/agents").body())
                        .at("/agents/0/capabilities/0")
                        .asText())
                .isEqualTo("x");
        assertThat(get("/health").body()).isEqualTo("{\"status\":\"healthy\"}");
        JsonNode status = JSON.readTree(get("/api/v1/status").body());
        assertThat(status.path("status").asText()).isEqualTo("healthy");
        assertThat(status.path("agents").asInt()).isEqualTo(1);
        assertThat(status.has("redis_info")).isTrue();
        assertThat(get("/nothing").body()).isEqualTo("{\"detail\":\"Not Found\"}");
        assertThat(get("/nothing").statusCode()).isEqualTo(404);
        assertThat(get("/api/v1/spawn").body()).isEqualTo("{\"detail\":\"Method Not Allowed\"}");
        assertThat(get("/api/v1/spawn").statusCode()).isEqualTo(405);
        assertThat(JSON.readTree(get("/openapi.json").body()).at("/info/title").asText())
                .isEqualTo("KSI Daemon API");
    }

    @Test
    void passesMessagesBetweenAgentsOn() throws Exception {
        try (EventLog log = EventLog.of(daemon, "agents:*", "events:*")) {
            daemon.call(
                    "event.publish",
                    Map.of(
                            "topic",
                            "agents:messages",
                            "payload",
                            Map.of("source", "b", "target", "a", "payload", Map.of("n", 1))));
            assertThat(log.await("agents:a:inbox", any -> true).path("n").asInt())
                    .isEqualTo(1);
            JsonNode told = log.await("events:message_bus", any -> true);
            assertThat(told.path("type").asText()).isEqualTo("agent_communication");
            assertThat(told.path("to").asText()).isEqualTo("a");
        }
    }

    @Test
    void hasNoTimeForBrowsers() throws Exception {
        HttpRequest page = HttpRequest.newBuilder(URI.create(base + "/health"))
                .header("Origin", "http://127.0.0.1")
                .build();
        assertThat(CLIENT.send(page, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(403);
        try {
            CLIENT.newWebSocketBuilder()
                    .header("Origin", "http://evil.example")
                    .buildAsync(URI.create(base.replace("http", "ws") + "/ws"), new WebSocket.Listener() {})
                    .join()
                    .abort();
            throw new AssertionError("a page came in");
        } catch (CompletionException refused) {
            assertThat(refused.getCause()).isInstanceOf(WebSocketHandshakeException.class);
        }
    }

    @Test
    void endsAHeadThatDripsIn() throws Exception {
        try (Socket slow = new Socket("127.0.0.1", URI.create(base).getPort())) {
            slow.setSoTimeout(120_000);
            slow.getOutputStream().write("GET /health HT".getBytes(StandardCharsets.US_ASCII));
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
        }
    }

    private static int port() throws Exception {
        for (JsonNode part : daemon.call("hub.health", Map.of()).path("parts")) {
            if (part.path("name").asText().equals("ksi")) {
                return part.at("/data/http").asInt();
            }
        }
        return 0;
    }

    private static void refused(String body, String detail) throws Exception {
        HttpResponse<String> answer = post("/api/v1/spawn", body);
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).isEqualTo("{\"detail\":" + detail + "}");
    }

    /** Over a connection of its own: this port closes idle ones soon, and a kept one may be closing just then. */
    private static HttpResponse<String> post(String path, String body) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(base + path))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(base + path)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
