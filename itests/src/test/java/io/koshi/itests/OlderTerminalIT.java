package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The older terminal UI at its own port, and a test that talks with the hub through a channel without a platform. */
@Timeout(300)
class OlderTerminalIT {
    private static final String CONFIG = """
            name: tester
            http: { port: 0 }
            plugins: [ { name: autotest } ]
            """;

    @TempDir
    static Path home;

    private static Daemon daemon;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        daemon =
                Daemon.in(home).config(CONFIG + "doors: { tui: { port: 0 } }\n").start();
        await().until(() -> tuiPort() > 0);
        port = tuiPort();
    }

    private static int tuiPort() throws IOException {
        for (JsonNode part : daemon.call("hub.health", Map.of()).path("parts")) {
            if (part.path("name").asText().equals("tui")) {
                return part.path("data").path("port").asInt();
            }
        }
        return 0;
    }

    @AfterAll
    static void stop() throws Exception {
        daemon.close();
        assertThat(daemon.log()).doesNotContain("\"level\":\"error\"");
    }

    /** Reads until an answer is there. */
    private static List<JsonNode> untilDone(RawWebSocket terminal) throws IOException {
        List<JsonNode> heard = new ArrayList<>();
        do {
            heard.add(terminal.next());
        } while (!heard.get(heard.size() - 1).path("type").asText().equals("assistant_done"));
        return heard;
    }

    @Test
    void whatIsTypedIsAnsweredWordForWordWithTheActivityBesideIt() throws Exception {
        try (RawWebSocket terminal = new RawWebSocket(port, "/ws/tui")) {
            assertThat(terminal.nextText())
                    .matches("\\{\"type\":\"status\",\"name\":\"tester\",\"uptime\":\\d+\\.\\d+}");
            terminal.text("{\"type\":\"user_message\",\"content\":\"hello there\"}");
            StringBuilder chunks = new StringBuilder();
            List<String> states = new ArrayList<>();
            String answer = null;
            JsonNode activity = null;
            while (answer == null || activity == null) { // which of the two comes first is open
                JsonNode each = terminal.next();
                switch (each.path("type").asText()) {
                    case "assistant_chunk" -> chunks.append(each.path("text").asText());
                    case "assistant_done" -> answer = each.path("content").asText();
                    case "activity" -> {
                        states.add(each.path("state").asText());
                        activity = each.path("contextTokens").asLong() > 0 ? each : activity;
                    }
                    default -> {}
                }
            }
            assertThat(answer).isNotBlank();
            assertThat(chunks).hasToString(answer);
            assertThat(states).startsWith("thinking", "streaming");
            assertThat(activity.path("session").asText()).isEqualTo("console:tui");
            assertThat(activity.path("contextLimit").asInt()).isEqualTo(200_000);
            assertThat(activity.path("state").asText()).isEqualTo("idle");
        }
    }

    @Test
    void eachConversationIsShownToThoseWhoTakePartInIt() throws Exception {
        try (RawWebSocket one = new RawWebSocket(port, "/ws/tui");
                RawWebSocket other = new RawWebSocket(port, "/ws/tui")) {
            one.next();
            other.next();
            one.text("{\"type\":\"user_message\",\"content\":\"/help\",\"conversation\":\"mine\"}");
            untilDone(one);
            other.text("{\"type\":\"user_message\",\"content\":\"hi\",\"conversation\":\"yours\"}");
            for (JsonNode each : untilDone(other)) {
                assertThat(each.path("session").asText("console:yours")).isEqualTo("console:yours");
            }
        }
    }

    @Test
    void saysWhatItCannotRead() throws Exception {
        try (RawWebSocket terminal = new RawWebSocket(port, "/ws/tui")) {
            terminal.next();
            for (String odd : List.of(
                    "nonsense",
                    "[]",
                    "{}",
                    "{\"type\":\"user_message\"}",
                    "{\"type\":\"user_message\",\"content\":7}",
                    "{\"type\":\"user_message\",\"content\":\" \"}",
                    "{\"type\":\"other\",\"content\":\"x\"}")) {
                terminal.text(odd);
                JsonNode said = terminal.next();
                assertThat(said.path("type").asText()).as(odd).isEqualTo("assistant_done");
                assertThat(said.path("content").asText()).as(odd).startsWith("Error: ");
            }
            terminal.text("{\"type\":\"user_message\",\"content\":\"/help\"}");
            untilDone(terminal);
        }
    }

    @Test
    void aPageInABrowserIsRefused() throws Exception {
        try (Socket page = new Socket("127.0.0.1", port)) {
            page.setSoTimeout(120_000);
            page.getOutputStream()
                    .write(
                            ("GET /ws/tui HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nUpgrade: websocket\r\n"
                                            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                                    .getBytes());
            assertThat(new String(page.getInputStream().readAllBytes())).startsWith("HTTP/1.1 403");
        }
    }

    @Test
    void theDoorIsShutAndOpenedByAReload() throws Exception {
        try (RawWebSocket terminal = new RawWebSocket(port, "/ws/tui")) {
            terminal.next();
            reload("{}");
            assertThat(terminal.read().first() & 15).as("close").isEqualTo(8);
        }
        await().until(() -> tuiPort() == 0);
        reload("{ tui: { port: 0 } }");
        await().until(() -> tuiPort() > 0);
        port = tuiPort();
        try (RawWebSocket terminal = new RawWebSocket(port, "/ws/tui")) {
            assertThat(terminal.next().path("type").asText()).isEqualTo("status");
        }
    }

    private static void reload(String doors) throws IOException {
        daemon.config(CONFIG + "doors: " + doors + "\n");
        daemon.call("hub.reload", Map.of());
    }

    @Test
    void aTestTalksWithTheHubAndReadsWhatItAnswers() throws Exception {
        JsonNode said = daemon.call("autotest.send", Map.of("text", "/help", "externalId", "t1"));
        JsonNode answer = daemon.call(
                "autotest.response", Map.of("inReplyTo", said.path("id").asText()));
        assertThat(answer.path("text").asText()).isNotBlank();
        assertThat(answer.path("conversation").asText()).isEqualTo("main");
        assertThat(daemon.call("autotest.send", Map.of("text", "/help", "externalId", "t1"))
                        .path("id"))
                .as("the same message again has no effect")
                .isEqualTo(said.path("id"));
        assertThat(daemon.call("autotest.responses", Map.of()).path("responses"))
                .hasSize(1);
        assertThatThrownBy(() -> daemon.call("autotest.response", Map.of("inReplyTo", "nobody", "timeoutMs", 1)))
                .hasMessageContaining("TIMEOUT");
    }

    @Test
    void theExamplesOfItsPageRun() throws Exception {
        GatewayIT.examplesRun(daemon, "tui", Map.of("TUI_PORT", Integer.toString(port)));
    }
}
