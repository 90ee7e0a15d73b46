package io.koshi.itests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.koshi.client.HubClient;
import io.koshi.client.HubEvent;
import io.koshi.client.HubException;
import io.koshi.client.HubService;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The gateway as guests in other languages meet it: services, callers, listeners, and those who mean no good. */
@Timeout(300)
class GatewayIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern EXAMPLE =
            Pattern.compile("<!-- prints: (.*?) -->\n```(python|javascript)\n(.*?)```", Pattern.DOTALL);

    @TempDir
    static Path home;

    private static Daemon daemon;
    private static String token;

    @BeforeAll
    static void start() throws Exception {
        daemon = Daemon.in(home).config("""
                http: { port: 0 }
                gateway: { maxFrame: 1MB, pingSeconds: 5 }
                """).start();
        token = Files.readString(home.resolve("token")).strip();
    }

    @AfterAll
    static void stop() throws Exception {
        daemon.diagnose("GC.run");
        daemon.close();
        assertThat(daemon.log()).doesNotContain("OutOfMemoryError", "StackOverflowError", "\"level\":\"error\"");
    }

    private static RawWebSocket gateway() throws IOException {
        return RawWebSocket.gateway(daemon, "/gateway");
    }

    private static HubClient webSocket() {
        return HubClient.webSocket(URI.create("ws://127.0.0.1:" + daemon.http().getPort() + "/gateway"), () -> token);
    }

    private static Path socket() throws IOException {
        return Path.of(Files.readAllLines(home.resolve("koshi.pid")).get(1));
    }

    @Test
    void servicesAndCallersMeetOverAnyDoor() throws Exception {
        try (HubClient service = webSocket();
                HubClient other = HubClient.socket(socket());
                HubClient caller = webSocket()) {
            BlockingQueue<HubEvent> heard = new LinkedBlockingQueue<>();
            caller.awaitConnected(Duration.ofMinutes(1));
            caller.subscribe(List.of("meet.*", "service.*"), heard::add);
            service.register(new HubService(
                    "meet-ws", "1", Map.of("meet.ws", params -> Map.of("by", "ws", "asked", params)), List.of()));
            other.register(
                    new HubService("meet-ipc", "1", Map.of("meet.ipc", params -> Map.of("by", "ipc")), List.of()));
            assertThat(caller.call("meet.ws", Map.of("n", 1))).isEqualTo(Map.of("by", "ws", "asked", Map.of("n", 1L)));
            assertThat(caller.call("meet.ipc", Map.of())).isEqualTo(Map.of("by", "ipc"));
            assertThat(daemon.call("meet.ws", Map.of("n", 2)).path("by").asText())
                    .isEqualTo("ws");
            service.emit("meet.done", Map.of("n", 3));
            HubEvent done = heard.poll(120, TimeUnit.SECONDS);
            while (done != null && !done.topic().equals("meet.done")) {
                done = heard.poll(120, TimeUnit.SECONDS);
            }
            assertThat(done.source()).isEqualTo("meet-ws");
            service.close();
            HubEvent gone = heard.poll(120, TimeUnit.SECONDS);
            while (gone != null && !gone.payload().equals(Map.of("service", "meet-ws"))) {
                gone = heard.poll(120, TimeUnit.SECONDS); // somebody of another story went only now
            }
            assertThat(gone.topic()).isEqualTo("service.disconnected");
            assertThatThrownBy(() -> caller.call("meet.ws", Map.of()))
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.code()).isEqualTo("NO_HANDLER"));
        }
    }

    @Test
    void aClientWithAWrongTokenIsToldOnceAndForAll() throws Exception {
        URI address = URI.create("ws://127.0.0.1:" + daemon.http().getPort() + "/gateway");
        try (HubClient stranger = HubClient.webSocket(address, () -> "not-the-token-of-this-hub")) {
            assertThatThrownBy(() -> stranger.call("hub.status", Map.of()))
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.code()).isEqualTo("UNAUTHORIZED"))
                    .hasMessageContaining("token");
            assertThat(stranger.refused()).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/gateway", "/ws", "/events"})
    void everyDoorIsGuarded(String path) throws Exception {
        int port = daemon.http().getPort();
        String good = "Authorization: Bearer " + token;
        assertThat(status(port, path)).isEqualTo(401);
        assertThat(status(port, path, good, "Host: evil.example")).isEqualTo(403);
        assertThat(status(port, path, good, "Origin: http://evil.example")).isEqualTo(403);
        assertThat(status(port, path + "?token=" + token, good)).isEqualTo(400);
        if (!path.equals("/events")) {
            assertThat(status(port, path, good, "Origin: http://localhost:" + port))
                    .isEqualTo(101);
            HttpURLConnection plain =
                    (HttpURLConnection) daemon.http().resolve(path).toURL().openConnection();
            plain.setRequestProperty("Authorization", "Bearer " + token);
            assertThat(plain.getResponseCode()).isEqualTo(400);
        }
    }

    static int status(int port, String path, String... headers) throws IOException {
        try (RawWebSocket guest = new RawWebSocket(port, path, headers)) {
            return guest.status();
        }
    }

    @Test
    void answersWhatIsNoFrameAndGoesOn() throws Exception {
        try (RawWebSocket guest = gateway()) {
            List<byte[]> bad = List.of(
                    "{\"type\":\"req\",\"id\":\"1\"".getBytes(UTF_8),
                    "{\"type\":\"req\",\"id\":\"1\",\"method\":\"hub.health\",\"params\":{\"n\":NaN}}".getBytes(UTF_8),
                    ("{\"type\":\"req\",\"id\":\"1\",\"method\":\"hub.health\",\"params\":" + "[".repeat(10_000)
                                    + "]".repeat(10_000) + "}")
                            .getBytes(UTF_8),
                    "{\"type\":\"req\",\"type\":\"req\",\"id\":\"1\",\"method\":\"hub.health\"}".getBytes(UTF_8),
                    "[]".getBytes(UTF_8),
                    "".getBytes(UTF_8),
                    "{}".getBytes(UTF_8));
            for (byte[] one : bad) {
                guest.send(RawWebSocket.TEXT, one);
                assertError(guest.next(), "unknown", "PARSE_ERROR");
            }
            guest.text("{\"type\":\"req\",\"id\":\"1\",\"method\":7}");
            assertError(guest.next(), "1", "PARSE_ERROR");
            guest.text("{\"type\":\"req\",\"id\":\"2\",\"method\":\"hub.health\",\"params\":[]}");
            assertError(guest.next(), "2", "PARSE_ERROR");
            guest.text("{\"type\":\"req\",\"id\":\"3\",\"method\":\"no.such\"}");
            assertError(guest.next(), "3", "NO_HANDLER");
            guest.text("{\"type\":\"req\",\"id\":\"4\",\"method\":\"memory.query\",\"params\":{\"limit\":\"many\"}}");
            assertError(guest.next(), "4", "INVALID_PARAMS");
            byte[] deep = new byte[10_000];
            Arrays.fill(deep, (byte) 0x81);
            guest.send(RawWebSocket.BINARY, deep);
            assertThat(guest.read().first()).isEqualTo(RawWebSocket.BINARY);
            for (int i = 0; i < 2; i++) { // one id twice: each is answered
                guest.text("{\"type\":\"req\",\"id\":\"same\",\"method\":\"gateway.stats\"}");
            }
            assertThat(guest.next().path("id").asText()).isEqualTo("same");
            assertThat(guest.next().path("id").asText()).isEqualTo("same");
            guest.send(RawWebSocket.TEXT, new byte[] {'{', '"', (byte) 0xff}); // no UTF-8 (RFC 6455, 8.1)
            assertThat(guest.closed()).isEqualTo(1007);
        }
    }

    @Test
    void speaksRfc6455AndPartsWithThoseWhoDoNot() throws Exception {
        try (RawWebSocket guest = gateway()) {
            String request = "{\"type\":\"req\",\"id\":\"f\",\"method\":\"gateway.stats\"}";
            guest.send(0x01, request.substring(0, 10).getBytes(UTF_8)); // in fragments, a ping between
            guest.send(RawWebSocket.PING, "are you there".getBytes(UTF_8));
            guest.send(0x00, request.substring(10, 20).getBytes(UTF_8));
            guest.send(0x80, request.substring(20).getBytes(UTF_8));
            RawWebSocket.Frame pong = guest.read();
            assertThat(pong.first()).isEqualTo(0x8A);
            assertThat(new String(pong.payload(), UTF_8)).isEqualTo("are you there");
            assertThat(guest.next().path("id").asText()).isEqualTo("f");
            guest.send(RawWebSocket.CLOSE, new byte[] {3, (byte) 232});
            assertThat(guest.closed()).isEqualTo(1000);
        }
        try (RawWebSocket byteByByte = gateway()) {
            for (byte one : RawWebSocket.frame(
                    RawWebSocket.TEXT,
                    "{\"type\":\"req\",\"id\":\"b\",\"method\":\"gateway.stats\"}".getBytes(UTF_8))) {
                byteByByte.raw(one);
            }
            assertThat(byteByByte.next().path("id").asText()).isEqualTo("b");
        }
        byte[][] broken = {
            {(byte) 0x81, 2, '{', '}'}, // not masked
            RawWebSocket.frame(0xC1, new byte[2]), // a reserved bit
            RawWebSocket.frame(0x83, new byte[2]), // an unknown kind
            RawWebSocket.frame(0x80, new byte[2]), // goes on with nothing
            RawWebSocket.frame(0x09, new byte[2]), // a ping in fragments
            RawWebSocket.frame(0x89, new byte[126]), // a ping that is too long
            RawWebSocket.frame(0x88, new byte[1]), // half a code
        };
        for (byte[] one : broken) {
            try (RawWebSocket guest = gateway()) {
                guest.raw(one);
                assertThat(guest.closed()).isEqualTo(1002);
            }
        }
    }

    @Test
    void saysThatAMessageIsTooLargeBeforeItHasIt() throws Exception {
        for (int first : new int[] {RawWebSocket.TEXT, RawWebSocket.BINARY}) {
            try (RawWebSocket guest = gateway()) {
                guest.call("gateway.stats", "{}");
                guest.raw(
                        (byte) first,
                        (byte) 0xFF,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 1,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 1,
                        (byte) 2,
                        (byte) 3,
                        (byte) 4);
                assertError(guest.next(), "unknown", "TOO_LARGE");
                assertThat(guest.closed()).isEqualTo(1009);
            }
        }
        try (RawWebSocket inPieces = gateway()) {
            inPieces.send(0x01, new byte[700_000]);
            inPieces.send(0x80, new byte[700_000]);
            assertError(inPieces.next(), "unknown", "TOO_LARGE");
        }
    }

    @Test
    void aListenerThatNeverReadsHoldsUpNobody() throws Exception {
        try (RawWebSocket deaf = gateway();
                RawWebSocket good = gateway();
                RawWebSocket publisher = gateway()) {
            deaf.call("gateway.subscribe", "{\"topics\":[\"load.*\"]}");
            good.call("gateway.subscribe", "{\"topics\":[\"load.*\"]}");
            String filler = "x".repeat(20_000);
            for (int i = 0; i < 600; i++) {
                publisher.call(
                        "event.publish",
                        "{\"topic\":\"load.e\",\"payload\":{\"n\":" + i + ",\"f\":\"" + filler + "\"}}");
                assertThat(good.event().path("payload").path("n").asInt()).isEqualTo(i);
            }
        }
    }

    @Test
    void aClientThatIsSilentIsParted() throws Exception {
        try (RawWebSocket silent = gateway();
                HubClient alive = webSocket()) {
            silent.call("gateway.subscribe", "{\"topics\":[\"half.open\"]}");
            alive.awaitConnected(Duration.ofMinutes(1));
            await().until(() -> {
                for (JsonNode one : daemon.call("gateway.inspect", Map.of()).path("connections")) {
                    if (one.path("topics").toString().contains("half.open")) {
                        return false;
                    }
                }
                return true;
            });
            assertThat(alive.connected()).isTrue();
        }
    }

    @Test
    void theSmallDoorsBringEventsAndGoOnWhereTheyWere() throws Exception {
        daemon.call("event.publish", Map.of("topic", "small.a", "payload", Map.of("n", 1)));
        JsonNode stats = daemon.call("gateway.stats", Map.of());
        String epoch = stats.path("epoch").asText();
        long before = stats.path("seq").asLong();
        daemon.call("event.publish", Map.of("topic", "small.a", "payload", Map.of("n", 2)));
        try (RawWebSocket listener = RawWebSocket.gateway(daemon, "/ws")) {
            listener.text("{\"topics\":[\"small.*\"],\"since\":{\"epoch\":\"" + epoch + "\",\"seq\":" + before + "}}");
            assertThat(listener.next().path("ok").asBoolean()).isTrue();
            assertThat(listener.next().path("payload").path("n").asInt()).isEqualTo(2);
            listener.text("{\"type\":\"req\",\"id\":\"1\",\"method\":\"hub.stop\"}");
            assertThat(listener.closed()).isEqualTo(1008);
        }
        HttpURLConnection stream = (HttpURLConnection)
                daemon.http().resolve("/events?topics=small.*,other").toURL().openConnection();
        stream.setRequestProperty("Authorization", "Bearer " + token);
        stream.setRequestProperty("Last-Event-ID", epoch + ":" + before);
        stream.setReadTimeout(120_000);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.getInputStream(), UTF_8))) {
            assertThat(stream.getContentType()).startsWith("text/event-stream");
            List<String> block = new ArrayList<>();
            String line = lines.readLine();
            while (!(line.isEmpty() && block.stream().anyMatch(l -> l.startsWith("data:")))) {
                if (line.isEmpty()) {
                    block.clear();
                } else {
                    block.add(line);
                }
                line = lines.readLine();
            }
            assertThat(block.get(0)).startsWith("id: " + epoch + ":");
            assertThat(JSON.readTree(block.get(1).substring(5))
                            .path("payload")
                            .path("n")
                            .asInt())
                    .isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gateway", "ipc"})
    void theExamplesOfTheDoorsPageRun(String door) throws Exception {
        examplesRun(daemon, door, Map.of());
    }

    /** Runs the Python and the JavaScript example of a door's page as they stand there. */
    static void examplesRun(Daemon daemon, String door, Map<String, String> more) throws Exception {
        Path house =
                Path.of(System.getProperty("koshi.dist")).resolve("../../../..").normalize();
        Matcher example = EXAMPLE.matcher(Files.readString(house.resolve("docs/doors/" + door + ".md")));
        int count = 0;
        while (example.find()) {
            boolean python = example.group(2).equals("python");
            List<String> line = python
                    ? List.of("python3", "-c", example.group(3))
                    : List.of("node", "--input-type=module", "-e", example.group(3));
            ProcessBuilder builder = new ProcessBuilder(line)
                    .directory(house.resolve("examples/clients").toFile())
                    .redirectErrorStream(true);
            builder.environment().put("KOSHI_URL", daemon.http().toString());
            builder.environment()
                    .put(
                            "KOSHI_TOKEN",
                            Files.readString(daemon.home().resolve("token")).strip());
            builder.environment().put("KOSHI_HOME", daemon.home().toString());
            builder.environment().putAll(more);
            builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
            Process process = builder.start();
            String printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
            assertThat(printed).as("%s in %s", example.group(2), door).isEqualTo(example.group(1));
            assertThat(process.waitFor()).isZero();
            count++;
        }
        assertThat(count).isEqualTo(2);
    }

    static void assertError(JsonNode frame, String id, String code) {
        assertThat(frame.path("type").asText()).as(frame.toString()).isEqualTo("res");
        assertThat(frame.path("id").asText()).as(frame.toString()).isEqualTo(id);
        assertThat(frame.path("error").path("code").asText())
                .as(frame.toString())
                .isEqualTo(code);
    }
}
