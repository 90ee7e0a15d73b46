package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The doors as a guest meets them: WebSocket routes, the shell, health and metrics, subscriptions. */
@Timeout(300)
class DoorsIT {
    private static final Pattern SAMPLE = Pattern.compile(
            "([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{(?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\\\\n\"])*\",?)*})?"
                    + " (NaN|[+-]Inf|[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)");

    @TempDir
    Path home;

    @Test
    @Tag("both")
    void aWebSocketRouteIsGuardedAndGoesWithItsPlugin() throws Exception {
        try (Daemon daemon = plain().start()) {
            daemon.call("plugin.add", Map.of("source", Examples.jar("ticker")));
            String bearer = "Bearer " + Files.readString(home.resolve("token")).strip();
            int port = daemon.http().getPort();
            String here = "127.0.0.1:" + port;

            assertThat(upgrade(port, "/ticker", "Host: " + here)).isEqualTo(401);
            assertThat(upgrade(port, "/ticker", "Host: " + here, "Authorization: Bearer wrong"))
                    .isEqualTo(401);
            assertThat(upgrade(port, "/ticker?token=" + bearer.substring(7), "Host: " + here))
                    .isEqualTo(400);
            assertThat(upgrade(port, "/ticker", "Host: evil.example", "Authorization: " + bearer))
                    .isEqualTo(403);
            assertThat(upgrade(
                            port,
                            "/ticker",
                            "Host: " + here,
                            "Origin: http://evil.example",
                            "Authorization: " + bearer))
                    .isEqualTo(403);
            assertThat(upgrade(port, "/ticker", "Host: " + here, "Origin: http://" + here, "Authorization: " + bearer))
                    .isEqualTo(101);

            Guest guest = new Guest();
            WebSocket socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .header("Authorization", bearer)
                    .buildAsync(URI.create("ws://" + here + "/ticker"), guest)
                    .get();
            socket.sendText("memory.*", true).get();
            await().until(() -> {
                daemon.call("memory.store", Map.of("content", "a tick"));
                return !guest.texts.isEmpty();
            });
            assertThat(guest.texts.get(0)).contains("memory.stored");

            daemon.call("plugin.remove", Map.of("name", "ticker"));

            assertThat(guest.closed.get()).isEqualTo(1001);
            assertThat(upgrade(port, "/ticker", "Host: " + here, "Authorization: " + bearer))
                    .isEqualTo(404);
        }
    }

    @Test
    @Tag("both")
    void theShellLooksIntoTheFrameworkAndNeverEndsIt() throws Exception {
        try (Daemon daemon = plain().start()) {
            long pid = daemon.call("hub.status", Map.of()).path("pid").asLong();

            assertThat(Cli.run(home, "gogo", "lb").out()).contains("Active").containsIgnoringCase("hub");
            assertThat(Cli.run(home, "gogo", "session:list").out()).contains("sessions");
            assertThat(Cli.run(home, "gogo").exit())
                    .as("standard input has ended")
                    .isZero();
            Cli.Result lines = Cli.typing("x = 7\necho seven $x\nexit\n", home, "gogo");
            assertThat(lines.out()).as(lines.err()).contains("seven 7");
            for (String end :
                    List.of("exit", "close", "shutdown", "stop 0", "stop -t 0", "(bundle 0) stop", "exit 1")) {
                Cli.Result refused = Cli.run(home, "gogo", end);
                assertThat(refused.exit()).as(end + ": " + refused).isNotZero();
                assertThat(refused.err()).as(end).contains("koshi stop");
            }

            assertThat(daemon.call("hub.status", Map.of()).path("pid").asLong()).isEqualTo(pid);
            assertThat(daemon.call("hub.health", Map.of()).path("ready").asBoolean())
                    .isTrue();
        }
    }

    @Test
    @Tag("both")
    void healthIsTheSameAtEveryDoor() throws Exception {
        try (Daemon daemon = plain().start()) {
            // not at once: a plugin's check that is slow on a busy machine is a degraded part
            HttpResponse<String> health = await().until(
                            () -> daemon.get("/health"), answer -> answer.body().contains("\"status\":\"healthy\""));

            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.headers().firstValue("content-type").orElse("")).startsWith("application/json");
            assertThat(health.body()).contains("\"status\":\"healthy\"", "\"ready\":true", "\"live\":true");
            await().until(() ->
                    daemon.call("hub.health", Map.of()).path("status").asText().equals("healthy"));
            assertThat(daemon.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(daemon.get("/health/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void notReadyWhileAConfiguredChannelIsMissing() throws Exception {
        String config = "http: { port: 0 }\nplugins:\n  - { name: http, secret: s, url: \"::bad\" }\n";
        try (Daemon daemon = Daemon.in(home).config(config).launch()) {
            await().until(() -> Files.exists(home.resolve("koshi.pid")) && answers(daemon));
            await().untilAsserted(() -> {
                JsonNode health = daemon.call("hub.health", Map.of());
                assertThat(health.path("ready").asBoolean()).isFalse();
                assertThat(health.path("waiting").toString()).contains("http");
                assertThat(health.path("live").asBoolean()).isTrue();
            });
        }
    }

    @Test
    void metricsAreAValidExposition() throws Exception {
        try (Daemon daemon = plain().start()) {
            daemon.call("channel.receive", Map.of("text", "hello"));

            HttpResponse<String> metrics = daemon.get("/metrics");

            assertThat(metrics.headers().firstValue("content-type").orElse("")).contains("version=0.0.4");
            assertThat(metrics.body()).endsWith("\n").contains("koshi_ready 1", "koshi_buffer_unrouted");
            Map<String, String> types = new HashMap<>();
            Set<String> seen = new HashSet<>();
            for (String line : metrics.body().split("\n")) {
                if (line.startsWith("# TYPE ")) {
                    String[] words = line.split(" ");
                    assertThat(types.put(words[2], words[3]))
                            .as("twice: " + line)
                            .isNull();
                    assertThat(words[3]).isIn("counter", "gauge", "histogram", "summary", "untyped");
                } else if (!line.startsWith("#") && !line.isEmpty()) {
                    Matcher sample = SAMPLE.matcher(line);
                    assertThat(sample.matches()).as(line).isTrue();
                    assertThat(types).as("typed before it is used").containsKey(sample.group(1));
                    assertThat(seen.add(sample.group(1) + sample.group(2)))
                            .as("twice: " + line)
                            .isTrue();
                }
            }
            assertThat(seen).hasSizeGreaterThan(20);
        }
    }

    @Test
    @Tag("both")
    void aSubscriberComesBackToWhereItWas() throws Exception {
        try (Daemon daemon = plain().start()) {
            JsonNode place;
            try (EventLog events = EventLog.of(daemon, "memory.*")) {
                daemon.call("memory.store", Map.of("content", "one"));
                events.await("memory.stored", any -> true);
                place = events.place();
            }
            long seq = place.path("seq").asLong();
            daemon.call("memory.store", Map.of("content", "two"));

            try (EventLog again = EventLog.since(daemon, seq, "memory.*")) {
                await().until(() -> again.payloads("memory.stored").size() == 2);
            }
            Map<String, Object> since = Map.of("epoch", place.path("epoch").asText(), "seq", seq);
            try (EventLog again = EventLog.since(daemon, since, "memory.*")) {
                assertThat(again.place().path("epoch")).isEqualTo(place.path("epoch"));
                await().until(() -> again.payloads("memory.stored").size() == 2);
                assertThat(again.payloads("gateway.gap")).isEmpty();
            }

            daemon.kill();
            daemon.restart();
            daemon.call("memory.store", Map.of("content", "three"));

            try (EventLog again = EventLog.since(daemon, since, "memory.*")) {
                JsonNode gap = again.await("gateway.gap", any -> true);
                assertThat(gap.path("reason").asText()).isEqualTo("restart");
                assertThat(gap.path("from").isNumber()).isTrue();
                assertThat(gap.path("to").isNumber()).isTrue();
                again.await("memory.stored", any -> true);
                assertThat(again.place().path("epoch")).isNotEqualTo(place.path("epoch"));
            }
        }
    }

    private Daemon plain() throws IOException {
        return Daemon.in(home).config("http: { port: 0 }\n");
    }

    private static boolean answers(Daemon daemon) {
        try {
            return !daemon.call("hub.health", Map.of()).path("waiting").isMissingNode();
        } catch (IOException | FrameSocket.Refused notYet) {
            return false;
        }
    }

    /** The status of a WebSocket handshake (RFC 6455, 4.1) by hand: a client would not let us send such headers. */
    private static int upgrade(int port, String path, String... headers) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            String ask = "GET " + path + " HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + String.join("\r\n", headers) + "\r\n\r\n";
            socket.getOutputStream().write(ask.getBytes(StandardCharsets.US_ASCII));
            String status = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
            return Integer.parseInt(status.split(" ")[1]);
        }
    }

    /** What a WebSocket client hears. */
    private static final class Guest implements WebSocket.Listener {
        private final List<String> texts = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            texts.add(text.toString());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }
    }
}
