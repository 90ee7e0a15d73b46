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
import java.net.Socket;
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
    private static int vargos;

    @BeforeAll
    static void start() throws Exception {
        daemon = Daemon.in(home).config("""
                http: { port: 0 }
                gateway: { maxFrame: 1MB, pingSeconds: 2 }
                doors: { vargos: { port: 0, requestTimeoutMs: 3000, pingMs: 1000 } }
                """).start();
        token = Files.readString(home.resolve("token")).strip();
        await().until(() -> vargosPort() > 0);
        vargos = vargosPort();
    }

    private static int vargosPort() throws IOException {
        for (JsonNode part : daemon.call("hub.health", Map.of()).path("parts")) {
            if (part.path("name").asText().equals("vargos")) {
                return part.path("data").path("port").asInt();
            }
        }
        return 0;
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
            assertThat(gone.topic()).isEqualTo("service.disconnected");
            assertThat(gone.payload()).isEqualTo(Map.of("service", "meet-ws"));
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

    private static int status(int port, String path, String... headers) throws IOException {
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

    @Test
    void theOlderClientsConnectUnchanged() throws Exception {
        try (RawWebSocket agent = new RawWebSocket(vargos, "/whatever");
                RawWebSocket client = new RawWebSocket(vargos, "/")) {
            agent.text(
                    "{\"type\":\"req\",\"id\":\"550e\",\"target\":\"gateway\",\"method\":\"gateway.register\",\"params\":"
                            + "{\"service\":\"agent\",\"version\":\"1.0.0\",\"methods\":[\"agent.run\",\"slow.wait\"],"
                            + "\"events\":[\"run.delta\"],\"subscriptions\":[\"message.received\"]}}");
            assertThat(agent.nextText())
                    .isEqualTo("{\"type\":\"res\",\"id\":\"550e\",\"ok\":true,\"payload\":{\"services\":[\"agent\"],"
                            + "\"methods\":[\"agent.run\",\"slow.wait\"],\"events\":[\"run.delta\"]}}");
            client.text(
                    "{\"type\":\"req\",\"id\":\"r\",\"target\":\"gateway\",\"method\":\"gateway.register\",\"params\":"
                            + "{\"service\":\"ui\",\"version\":\"1\",\"methods\":[],\"events\":[],"
                            + "\"subscriptions\":[\"run.delta\",\"service.disconnected\",\"memory.stored\"]}}");
            client.nextText();
            client.text("{\"type\":\"req\",\"id\":\"a1\",\"target\":\"agent\",\"method\":\"agent.run\",\"params\":"
                    + "{\"sessionKey\":\"chat:main\",\"task\":\"Explain\"}}");
            JsonNode call = agent.next();
            assertThat(call.path("target").asText()).isEqualTo("agent");
            assertThat(call.path("params").toString()).isEqualTo("{\"sessionKey\":\"chat:main\",\"task\":\"Explain\"}");
            agent.text("{\"type\":\"res\",\"id\":\"" + call.path("id").asText()
                    + "\",\"ok\":false,\"error\":{\"code\":\"METHOD_ERROR\",\"message\":\"Intentional failure\"}}");
            assertThat(client.nextText())
                    .isEqualTo("{\"type\":\"res\",\"id\":\"a1\",\"ok\":false,\"error\":{\"code\":\"METHOD_ERROR\","
                            + "\"message\":\"Intentional failure\"}}");
            client.text("{\"type\":\"req\",\"id\":\"a2\",\"target\":\"\",\"method\":\"no.method\"}");
            assertThat(client.nextText())
                    .isEqualTo("{\"type\":\"res\",\"id\":\"a2\",\"ok\":false,\"error\":{\"code\":\"NO_HANDLER\","
                            + "\"message\":\"No service handles method: no.method\"}}");
            client.text("nonsense");
            assertThat(client.nextText())
                    .isEqualTo("{\"type\":\"res\",\"id\":\"unknown\",\"ok\":false,\"error\":{\"code\":\"PARSE_ERROR\","
                            + "\"message\":\"Invalid frame\"}}");
            client.text("{\"type\":\"req\",\"id\":\"a3\",\"target\":\"\",\"method\":\"slow.wait\",\"params\":{}}");
            assertThat(client.nextText())
                    .isEqualTo("{\"type\":\"res\",\"id\":\"a3\",\"ok\":false,\"error\":{\"code\":\"TIMEOUT\","
                            + "\"message\":\"Request slow.wait timed out\"}}");
            agent.text("{\"type\":\"event\",\"source\":\"x\",\"event\":\"run.delta\",\"payload\":"
                    + "{\"runId\":\"r\",\"delta\":\"hi\"}}");
            assertThat(client.nextText())
                    .matches("\\{\"type\":\"event\",\"source\":\"agent\",\"event\":\"run.delta\",\"payload\":"
                            + "\\{\"runId\":\"r\",\"delta\":\"hi\"},\"seq\":\\d+}");
            daemon.call("memory.store", Map.of("content", "the sky is blue"));
            assertThat(client.next().path("event").asText()).isEqualTo("memory.stored");
            client.text("{\"type\":\"req\",\"id\":\"a4\",\"target\":\"agent\",\"method\":\"agent.run\",\"params\":{}}");
            agent.next();
            while (agent.socket.getInputStream().available() > 0) {
                agent.read();
            }
            agent.close();
            List<String> last = List.of(client.nextText(), client.nextText());
            assertThat(last)
                    .anySatisfy(frame -> assertThat(frame)
                            .startsWith("{\"type\":\"res\",\"id\":\"a4\",\"ok\":false,\"error\":{\"code\":"
                                    + "\"SERVICE_UNAVAILABLE\""));
            assertThat(last)
                    .anySatisfy(frame -> assertThat(frame)
                            .startsWith("{\"type\":\"event\",\"source\":\"gateway\",\"event\":\"service.disconnected\","
                                    + "\"payload\":{\"service\":\"agent\"},\"seq\":"));
        }
    }

    @Test
    void theOlderPortTalksWithTheAgentAndSchedules() throws Exception {
        try (RawWebSocket client = new RawWebSocket(vargos, "/")) {
            client.call(
                    "gateway.register",
                    "{\"service\":\"flow\",\"version\":\"1\",\"methods\":[],\"events\":[],\"subscriptions\":["
                            + "\"message.received\",\"run.started\",\"run.completed\",\"session.message\","
                            + "\"cron.trigger\",\"message.sent\"]}");
            client.call("session.create", "{\"sessionKey\":\"cli:flow\",\"kind\":\"cli\",\"metadata\":{}}");
            JsonNode added = client.call(
                    "session.addMessage", "{\"sessionKey\":\"cli:flow\",\"role\":\"user\",\"content\":\"/help\"}");
            assertThat(added.path("ok").asBoolean()).as(added.toString()).isTrue();
            JsonNode received = event(client, "message.received", "cli:flow");
            assertThat(received.path("content").asText())
                    .isEqualTo("/help")
                    .isEqualTo(received.path("text").asText());
            assertThat(received.has("channel") && received.has("userId") && received.has("type"))
                    .isTrue();
            event(client, "run.started", "cli:flow");
            JsonNode completed = event(client, "run.completed", "cli:flow");
            assertThat(completed.path("success").asBoolean()).isTrue();
            assertThat(completed.path("response").asText()).contains("/help");
            JsonNode line = event(client, "session.message", "cli:flow");
            assertThat(line.has("role") && line.has("content")).isTrue();
            assertThat(client.call("session.getMessages", "{\"sessionKey\":\"cli:flow\",\"limit\":50}")
                            .at("/payload/messages")
                            .findValuesAsText("role"))
                    .containsExactly("user", "assistant");

            JsonNode job = client.call(
                            "cron.add",
                            "{\"name\":\"morning\",\"schedule\":\"0 9 * * *\",\"task\":\"Say good morning\","
                                    + "\"description\":\"daily\",\"unknown\":1}")
                    .path("payload");
            JsonNode listed = client.call("cron.list", "{}").at("/payload/jobs/0");
            assertThat(listed.path("id").asText()).isEqualTo(job.path("id").asText());
            assertThat(listed.path("name").asText()).isEqualTo("morning");
            assertThat(listed.path("schedule").asText()).isEqualTo("0 9 * * *");
            assertThat(listed.path("task").asText()).isEqualTo("Say good morning");
            assertThat(listed.path("description").asText()).isEqualTo("daily");
            assertThat(listed.path("enabled").asBoolean()).isTrue();
            String which = "{\"id\":\"" + job.path("id").asText() + "\"}";
            assertThat(client.call("cron.run", which).path("ok").asBoolean()).isTrue();
            JsonNode trigger = event(client, "cron.trigger", "cron:morning");
            assertThat(trigger.path("task").asText()).isEqualTo("Say good morning");
            assertThat(trigger.has("taskId")).isTrue();
            assertThat(event(client, "run.completed", "cron:morning")
                            .path("success")
                            .asBoolean())
                    .isTrue();
            assertThat(client.call("cron.remove", which).path("ok").asBoolean()).isTrue();
            assertThat(client.call("cron.list", "{}").at("/payload/jobs")).isEmpty();
            assertError(client.call("cron.remove", which), "call", "METHOD_ERROR");

            JsonNode sent =
                    client.call("channel.send", "{\"channel\":\"console\",\"userId\":\"main\",\"text\":\"hello\"}");
            assertThat(sent.at("/payload/sent").asBoolean()).as(sent.toString()).isTrue();
            assertError(
                    client.call("channel.send", "{\"channel\":\"none\",\"userId\":\"x\",\"text\":\"y\"}"),
                    "call",
                    "METHOD_ERROR");
        }
    }

    /** The payload of the next such event of a session. */
    private static JsonNode event(RawWebSocket client, String topic, String sessionKey) throws IOException {
        while (true) {
            JsonNode frame = client.event();
            if (frame.path("event").asText().equals(topic)
                    && frame.at("/payload/sessionKey").asText().equals(sessionKey)) {
                return frame.path("payload");
            }
        }
    }

    @Test
    void theOlderPortKeepsToItsFrames() throws Exception {
        String register = "{\"type\":\"req\",\"id\":\"r\",\"target\":\"\",\"method\":\"gateway.register\",\"params\":"
                + "{\"service\":\"%s\",\"version\":\"1\",\"methods\":[\"echo.say\"],\"events\":[],\"subscriptions\":[%s]}}";
        try (RawWebSocket first = new RawWebSocket(vargos, "/a");
                RawWebSocket one = new RawWebSocket(vargos, "/b");
                RawWebSocket two = new RawWebSocket(vargos, "/c")) {
            first.text(register.formatted("echo", ""));
            assertThat(first.nextText())
                    .isEqualTo("{\"type\":\"res\",\"id\":\"r\",\"ok\":true,\"payload\":{\"services\":[\"echo\"],"
                            + "\"methods\":[\"echo.say\"],\"events\":[]}}");
            one.text(
                    "{\"type\":\"req\",\"id\":\"x\",\"target\":\"gateway\",\"method\":\"gateway.register\",\"params\":{}}");
            assertError(JSON.readTree(one.nextText()), "x", "REGISTER_FAILED");
            one.text("{\"type\":\"event\",\"source\":\"x\",\"payload\":{}}");
            assertError(JSON.readTree(one.nextText()), "unknown", "PARSE_ERROR");
            one.text("{\"type\":\"req\",\"id\":\"x\",\"method\":\"echo.say\",\"params\":[]}");
            assertError(JSON.readTree(one.nextText()), "unknown", "PARSE_ERROR");

            RawWebSocket second = new RawWebSocket(vargos, "/d");
            second.text(register.formatted("echo2", "\"service.disconnected\""));
            second.nextText();
            String ask =
                    "{\"type\":\"req\",\"id\":\"same\",\"target\":\"echo\",\"method\":\"echo.say\",\"params\":{\"n\":%d}}";
            one.text(ask.formatted(1));
            two.text(ask.formatted(2));
            for (int i = 0; i < 2; i++) { // the latest owner is asked, under ids of its own
                JsonNode call = second.next();
                second.text("{\"type\":\"res\",\"id\":\"" + call.path("id").asText() + "\",\"ok\":true,\"payload\":"
                        + call.path("params") + "}");
            }
            assertThat(one.nextText())
                    .isEqualTo("{\"type\":\"res\",\"id\":\"same\",\"ok\":true,\"payload\":{\"n\":1}}");
            assertThat(two.nextText())
                    .isEqualTo("{\"type\":\"res\",\"id\":\"same\",\"ok\":true,\"payload\":{\"n\":2}}");
            two.text(register.formatted("watch", "\"service.disconnected\"").replace("\"echo.say\"", ""));
            two.nextText();
            second.close();
            assertThat(two.next().at("/payload/service").asText()).isEqualTo("echo2");
            one.text(ask.formatted(3)); // and the one before has it again
            JsonNode call = first.next();
            assertThat(call.at("/params/n").asInt()).isEqualTo(3);
            first.text("{\"type\":\"res\",\"id\":\"nobody-asked\",\"ok\":true}");
            first.text("{\"type\":\"res\",\"id\":\"" + call.path("id").asText() + "\",\"ok\":true,\"payload\":null}");
            assertThat(one.next().path("ok").asBoolean()).isTrue();
            assertThat(one.read().first()).as("a ping comes by itself").isEqualTo(RawWebSocket.PING);
        }
    }

    @Test
    void theOlderPortAnswersInTheOlderNames() throws Exception {
        try (RawWebSocket client = new RawWebSocket(vargos, "/")) {
            JsonNode created =
                    client.call("session.create", "{\"sessionKey\":\"cli:chat\",\"kind\":\"cli\",\"metadata\":{}}");
            assertThat(created.path("ok").asBoolean()).as(created.toString()).isTrue();
            JsonNode again =
                    client.call("session.create", "{\"sessionKey\":\"cli:chat\",\"kind\":\"cli\",\"metadata\":{}}");
            assertError(again, "call", "METHOD_ERROR");
            assertThat(again.path("error").path("message").asText()).contains("already exists");
            assertThat(client.call("session.get", "{\"sessionKey\":\"cli:chat\"}")
                            .path("payload")
                            .path("sessionKey")
                            .asText())
                    .isEqualTo("cli:chat");
            assertThat(client.call("session.getMessages", "{\"sessionKey\":\"cli:chat\",\"limit\":50,\"x\":1}")
                            .path("payload")
                            .path("messages")
                            .isArray())
                    .isTrue();
            assertThat(client.call("agent.status", "{}").path("payload").has("activeRuns"))
                    .isTrue();
            assertThat(client.call("agent.abort", "{\"runId\":\"none\",\"reason\":\"test\"}")
                            .path("payload")
                            .has("aborted"))
                    .isTrue();
            assertThat(client.call("gateway.stats", "{}").path("payload").has("uptime"))
                    .isTrue();
            assertThat(client.call("channel.list", "{}")
                            .path("payload")
                            .path("channels")
                            .isArray())
                    .isTrue();
            assertThat(client.call("tool.list", "{}").path("ok").asBoolean()).isTrue();
            assertError(client.call("hub.stop", "{}"), "call", "METHOD_ERROR");
        }
        assertThat(status(vargos, "/", "Origin: http://localhost")).isEqualTo(403);
        try (Socket dripping = new Socket("127.0.0.1", vargos)) {
            dripping.setSoTimeout(120_000);
            dripping.getOutputStream().write("GET / HT".getBytes(UTF_8));
            assertThat(dripping.getInputStream().read())
                    .as("cut after the handshake's time")
                    .isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gateway", "ipc", "vargos"})
    void theExamplesOfTheDoorsPageRun(String door) throws Exception {
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
            builder.environment().put("KOSHI_TOKEN", token);
            builder.environment().put("KOSHI_HOME", home.toString());
            builder.environment().put("VARGOS_PORT", Integer.toString(vargos));
            builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
            Process process = builder.start();
            String printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
            assertThat(printed).as("%s in %s", example.group(2), door).isEqualTo(example.group(1));
            assertThat(process.waitFor()).isZero();
            count++;
        }
        assertThat(count).isEqualTo(2);
    }

    private static void assertError(JsonNode frame, String id, String code) {
        assertThat(frame.path("type").asText()).as(frame.toString()).isEqualTo("res");
        assertThat(frame.path("id").asText()).as(frame.toString()).isEqualTo(id);
        assertThat(frame.path("error").path("code").asText())
                .as(frame.toString())
                .isEqualTo(code);
    }
}
