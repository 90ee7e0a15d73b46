package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The older swarm's clients at the real hub, byte by byte. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SwarmIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path home;

    private static Daemon daemon;

    @BeforeAll
    static void start() throws IOException {
        daemon = Daemon.in(home).config(config("")).start();
        await().until(() -> door("port") > 0 && door("rest") > 0);
    }

    /** Where a door listens now, {@code port} or {@code rest}: the system gave it. */
    private static int door(String name) throws IOException {
        for (JsonNode part : daemon.call("hub.health", Map.of()).path("parts")) {
            if (part.path("name").asText().equals("swarm")) {
                return part.path("data").path(name).asInt();
            }
        }
        return 0;
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    private static String config(String more) {
        return "http: { port: 0 }\ndoors: { swarm: { port: 0, rest: 0, lineSeconds: 4" + more + " } }\n";
    }

    @Test
    @Order(1)
    void theSynchronousClientFindsItsHub() throws Exception {
        assertThat(python("SwarmHubClient.py")).isEqualTo("fine\n");
    }

    @Test
    @Order(2)
    void theAsyncClientAndItsWorkersFindTheirHub() throws Exception {
        assertThat(python("SwarmAsyncClient.py")).isEqualTo("fine\n");
    }

    @Test
    @Order(3)
    void answersInOrderAndStaysAfterErrors() throws Exception {
        try (Line line = new Line()) {
            line.send(
                    "{\"id\":1,\"method\":\"enqueue\",\"params\":{\"prompt\":\"a\"}}\n\n  \n{bad\n{\"id\":[2],\"method\":\"nope\"}\n"
                            + "{\"id\":{\"x\":3}}\n[]\n{\"id\":4,\"method\":\"stats\"}\n");
            assertThat(line.read())
                    .startsWith("{\"id\":1,\"result\":{\"task_id\":")
                    .endsWith("},\"error\":null}");
            assertThat(line.read())
                    .isEqualTo(
                            "{\"id\":null,\"result\":null,\"error\":{\"message\":\"Expecting property name enclosed in"
                                    + " double quotes: line 1 column 2 (char 1)\"}}");
            assertThat(line.read())
                    .isEqualTo("{\"id\":[2],\"result\":null,\"error\":{\"message\":\"Unknown method: nope\"}}");
            assertThat(line.read())
                    .isEqualTo("{\"id\":{\"x\":3},\"result\":null,\"error\":{\"message\":\"'method'\"}}");
            assertThat(line.read()).contains("object has no attribute 'get'");
            assertThat(line.read()).startsWith("{\"id\":4,\"result\":{\"stats\":{\"queued\":");
        }
    }

    @Test
    @Order(4)
    void tellsAClientThatSendsHalfALineAndStaysAndLetsItGo() throws Exception {
        try (Line half = new Line();
                Line other = new Line()) {
            half.send("{\"id\":1,\"meth");
            other.send("{\"id\":2,\"method\":\"stats\"}\n");
            assertThat(other.read()).contains("\"id\":2");
            assertThat(half.read()).contains("a line must end within 4 s");
            assertThat(half.read()).isNull();
        }
    }

    @Test
    @Order(5)
    void keepsNoMoreOfALineWithoutEndThanItMay() throws Exception {
        try (Line line = new Line()) {
            byte[] much = new byte[1 << 20];
            java.util.Arrays.fill(much, (byte) 'x');
            for (int i = 0; i < 9; i++) {
                line.socket.getOutputStream().write(much);
            }
            assertThat(line.read()).contains("a line must end within 4 s");
        } catch (IOException reset) {
            assertThat(reset).isNotNull(); // it may be closed before all was sent
        }
    }

    @Test
    @Order(6)
    void speaksTheOlderRest() throws Exception {
        HttpResponse<String> made = http("POST", "/tasks", "{\"prompt\":\"by rest\"}");
        assertThat(made.body()).matches("\\{\"task_id\":\\d+}");
        assertThat(http("POST", "/tasks", "{}").statusCode()).isEqualTo(422);
        assertThat(http("POST", "/tasks", "{}").body())
                .isEqualTo("{\"detail\":[{\"loc\":[\"body\",\"prompt\"],\"msg\":\"field required\","
                        + "\"type\":\"value_error.missing\"}]}");
        assertThat(http("GET", "/tasks?limit=x", null).body()).contains("type_error.integer");
        JsonNode listed =
                JSON.readTree(http("GET", "/tasks?status=queued&limit=1", null).body());
        assertThat(listed.path("tasks").path(0).path("prompt").asText()).isEqualTo("by rest");
        assertThat(JSON.readTree(http("GET", "/stats", null).body())
                        .path("stats")
                        .path("queued")
                        .asInt())
                .isPositive();
        assertThat(http("GET", "/nothing", null).body()).isEqualTo("{\"detail\":\"Not Found\"}");
        assertThat(http("DELETE", "/tasks", null).body()).isEqualTo("{\"detail\":\"Method Not Allowed\"}");
        HttpResponse<String> browser = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door("rest") + "/stats"))
                                .header("Origin", "http://evil.example")
                                .build(),
                        BodyHandlers.ofString());
        assertThat(browser.statusCode()).isEqualTo(403);
    }

    @Test
    @Order(6)
    void aClientThatSendsAllOfARefusedBodyFirstReadsWhyAfterwards() throws Exception {
        try (Socket client = new Socket("127.0.0.1", door("rest"))) {
            client.setSoTimeout(120_000);
            OutputStream out = client.getOutputStream();
            byte[] much = new byte[1 << 20];
            out.write(("POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + 20 * much.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 20; i++) {
                out.write(much);
            }
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            assertThat(in.readLine()).startsWith("HTTP/1.1 413 ");
        }
    }

    @Test
    @Order(7)
    void losesNothingThatWasAnsweredWhenTheHubIsKilled() throws Exception {
        long task;
        try (Line line = new Line()) {
            line.send("{\"id\":\"a\",\"method\":\"enqueue\",\"params\":{\"prompt\":\"survives\"}}\n");
            task = JSON.readTree(line.read()).path("result").path("task_id").asLong();
            line.send("{\"id\":\"b\",\"method\":\"lease\",\"params\":{\"worker_id\":\"w\",\"max_tasks\":100}}\n");
            assertThat(line.read()).contains("\"task_id\":" + task + ",");
            daemon.kill();
            daemon.restart();
        }
        try (Line line = new Line()) {
            line.send("{\"id\":\"c\",\"method\":\"lease\",\"params\":{\"worker_id\":\"w\",\"max_tasks\":100}}\n"
                    + "{\"id\":\"d\",\"method\":\"ack\",\"params\":{\"task_id\":" + task + ",\"status\":\"done\"}}\n");
            assertThat(line.read()).contains("\"task_id\":" + task + ",");
            assertThat(line.read()).isEqualTo("{\"id\":\"d\",\"result\":{\"ok\":true},\"error\":null}");
        }
    }

    @Test
    @Order(8)
    void asksForTheKeyOnEveryMethodOnceThereIsOne() throws Exception {
        daemon.config(config(", key: secret"));
        KoshiCommand.in(home).run("reload");
        await().ignoreExceptions().untilAsserted(() -> {
            try (Line line = new Line()) {
                line.send(
                        "{\"id\":1,\"method\":\"stats\"}\n{\"id\":2,\"method\":\"stats\",\"params\":{\"auth_token\":\"secret\"}}\n");
                assertThat(line.read()).contains("\"error\":{\"message\":\"Invalid KIRO_SWARM_KEY\"}");
                assertThat(line.read()).contains("\"error\":null");
            }
        });
        HttpResponse<String> refused = http("GET", "/stats", null);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).isEqualTo("{\"detail\":\"Invalid KIRO_SWARM_KEY\"}");
        daemon.config("http: { port: 0 }\ndoors: { swarm: { host: 0.0.0.0 } }\n");
        KoshiCommand.Outcome open = KoshiCommand.in(home).run("config", "check");
        assertThat(open.exit()).isNotZero();
        assertThat(open.out() + open.err()).contains("can be reached from outside; give 'key'");
    }

    private static HttpResponse<String> http(String method, String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door("rest") + path))
                .timeout(Duration.ofMinutes(2))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    private static String python(String script, String... more) throws Exception {
        Path file = home.resolve(script);
        try (var in = SwarmIT.class.getResourceAsStream("/swarm/" + script)) {
            Files.write(file, in.readAllBytes());
        }
        List<String> command = new java.util.ArrayList<>(List.of("python3", file.toString(), "" + door("port")));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    /** A client that says exactly what it is told to. */
    private static final class Line implements AutoCloseable {
        private final Socket socket = new Socket("127.0.0.1", door("port"));
        private final BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));

        Line() throws IOException {
            socket.setSoTimeout(120_000);
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        String read() throws IOException {
            return in.readLine();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
