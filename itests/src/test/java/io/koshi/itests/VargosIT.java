package io.koshi.itests;

import static io.koshi.itests.GatewayIT.assertError;
import static io.koshi.itests.GatewayIT.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An older gateway's clients at their own port: their names, their frames, their manners. */
@Timeout(300)
class VargosIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path home;

    private static Daemon daemon;
    private static int vargos;

    /** Who has said nothing for three pings is parted with, and one here says nothing while a request runs out. */
    @BeforeAll
    static void start() throws Exception {
        daemon = Daemon.in(home).config("""
                        http: { port: 0 }
                        doors: { vargos: { port: 0, requestTimeoutMs: 8000, pingMs: 5000 } }
                        """).start();
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
        daemon.close();
        assertThat(daemon.log()).doesNotContain("OutOfMemoryError", "StackOverflowError", "\"level\":\"error\"");
    }

    /** Who is still registered is in the answer to everybody's registration. */
    @AfterEach
    void allHaveGone() throws Exception {
        try (RawWebSocket look = new RawWebSocket(vargos, "/")) {
            await().until(() ->
                    look.call("gateway.stats", "{}").at("/payload/services").isEmpty());
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
            while (!agent.next().path("method").asText().equals("agent.run")) {
                // slow.wait, which timed out, is still there to be read
            }
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
            String gone = "";
            while (!gone.equals("echo2")) {
                gone = two.next().at("/payload/service").asText();
            }
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

    @Test
    void theExamplesOfItsPageRun() throws Exception {
        GatewayIT.examplesRun(daemon, "vargos", Map.of("VARGOS_PORT", Integer.toString(vargos)));
    }
}
