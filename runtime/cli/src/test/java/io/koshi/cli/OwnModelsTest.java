package io.koshi.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker's models: servers that speak the real wires, and real programs. */
class OwnModelsTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path place;

    private HttpServer server;
    private Map<?, ?> asked;
    private Map<String, List<String>> headers;
    private String answer;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.createContext("/", this::take);
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        headers = exchange.getRequestHeaders();
        asked = (Map<?, ?>) Json.read(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        boolean known = List.of("/v1/messages", "/v1/chat/completions")
                .contains(exchange.getRequestURI().getPath());
        byte[] body = (known ? answer : "{\"error\":\"no such path\"}").getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(known ? 200 : 404, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Test
    void asksAnthropicsServerWithItsKeyAndVersion() throws Exception {
        answer = "{\"content\":[{\"type\":\"text\",\"text\":\"forty\"},{\"type\":\"text\",\"text\":\"-two\"}],"
                + "\"stop_reason\":\"end_turn\"}";

        String said = model("anthropic", Map.of("model", "m", "apiKey", "k", "endpoint", endpoint(), "maxTokens", 9L))
                .work(work("What?", false), "Be brief.", place, null);

        assertThat(said).isEqualTo("forty-two");
        assertThat(asked)
                .isEqualTo(Map.of(
                        "model",
                        "m",
                        "max_tokens",
                        9L,
                        "system",
                        "Be brief.",
                        "messages",
                        List.of(Map.of("role", "user", "content", "What?"))));
        assertThat(headers.get("X-api-key")).containsExactly("k");
        assertThat(headers.get("Anthropic-version")).containsExactly("2023-06-01");
    }

    @Test
    void neverCallsAnAnswerDoneThatWasCutOff() {
        answer = "{\"content\":[{\"type\":\"text\",\"text\":\"forty\"}],\"stop_reason\":\"max_tokens\"}";

        assertThatThrownBy(() -> model("anthropic", Map.of("endpoint", endpoint() + "/v1"))
                        .work(work("What?", false), "", place, null))
                .hasMessage("the answer is longer than maxTokens, 8192; give the model more");
    }

    @Test
    void asksAServerOfChatCompletionsByItsBareHostToo() throws Exception {
        answer = "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"yes\"}}]}";

        String said = model("openai", Map.of("model", "m", "apiKey", "k", "endpoint", endpoint()))
                .work(work("What?", false), "", place, null);

        assertThat(said).isEqualTo("yes");
        assertThat(headers.get("Authorization")).containsExactly("Bearer k");
    }

    @Test
    void tellsWhatTheServerComplainedOf() {
        assertThatThrownBy(() -> model("openai", Map.of("model", "m", "endpoint", endpoint() + "/wrong"))
                        .work(work("What?", false), "", place, null))
                .isInstanceOf(IOException.class)
                .hasMessage("the model answered 404: {\"error\":\"no such path\"}");
    }

    @Test
    void givesAProgramThePromptAndHidesTheEnvironmentFromIt() throws Exception {
        Doing program = model(
                "command",
                Map.of(
                        "command",
                        List.of("sh", "-c", "cat; echo; env | cut -d= -f1 | grep -E '^(OWN|KOSHI_T|SECRET)' | sort"),
                        "environment",
                        Map.of("OWN", "1")));

        assertThat(program.work(work("do it", false), "Known.", place, null))
                .isEqualTo("Known.\n\ndo it\nKOSHI_TASK\nOWN");
    }

    @Test
    void fillsInWhatThereIsAndLeavesOutTheRest() throws Exception {
        List<String> line = List.of("echo", "--model", "{model}", "--allowedTools", "{tools}", "{bypass}", "-");

        assertThat(program(line, Map.of("model", "m", "allowedTools", List.of("a", "b")), false))
                .isEqualTo("--model m --allowedTools a,b -");
        assertThat(program(line, Map.of(), false)).isEqualTo("-");
    }

    @Test
    void givesAProgramNoToolsAndNoBypassForStrangers() throws Exception {
        Path claude = program("claude", "printf '{\"is_error\":false,\"result\":\"%s\"}' \"$*\"");
        Map<String, Object> entry = Map.of(
                "preset", "claude", "bypass", true, "allowedTools", List.of("Read"), "environment", path(claude));

        assertThat(model("command", entry).work(work("x", false), "", place, null))
                .isEqualTo("--print --output-format json --allowedTools Read --dangerously-skip-permissions");
        assertThat(model("command", entry).work(work("x", true), "", place, null))
                .isEqualTo("--print --output-format json");
    }

    @Test
    void hearsCodexAndItsFailures() throws Exception {
        Path codex = program(
                "codex",
                "cat >/dev/null\n"
                        + "echo 'a warning'\n"
                        + "echo '{\"type\":\"thread.started\",\"thread_id\":\"t\"}'\n"
                        + "echo '{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\",\"text\":\"done\"}}'\n");
        Map<String, Object> entry = Map.of("preset", "codex", "environment", path(codex));
        assertThat(model("command", entry).work(work("x", false), "", place, null))
                .isEqualTo("done");

        program("codex", "echo '{\"type\":\"turn.failed\",\"error\":{\"message\":\"no luck\"}}'");
        assertThatThrownBy(() -> model("command", entry).work(work("x", false), "", place, null))
                .hasMessage("no luck");
    }

    @Test
    void takesColoursOutOfWords() throws Exception {
        assertThat(program(List.of("printf", "\\033[32mgreen\\033[0m \\033]0;title\\007words\\n"), Map.of(), false))
                .isEqualTo("green words");
    }

    @Test
    void refusesAnEntryThatIsOfNoUse() {
        assertThatThrownBy(() -> model("offline", Map.of())).hasMessageContaining("openai, anthropic and command");
        assertThatThrownBy(() -> model("openai", Map.of())).hasMessageContaining("does not say which 'model'");
        assertThatThrownBy(() -> model("command", Map.of("preset", "kiro"))).hasMessageContaining("no preset of");
        assertThatThrownBy(() -> model("command", Map.of("command", List.of("codex", "--yolo"))))
                .hasMessageContaining("bypass: true");
        assertThatThrownBy(() -> model("openai", Map.of("model", "m", "endpoint", "ftp://x")))
                .hasMessageContaining("http:// or https:// and a host, not 'ftp://x'");
        assertThatThrownBy(() -> model("openai", Map.of("model", "m", "endpoint", "no address")))
                .hasMessageContaining("not 'no address'");
    }

    private String program(List<String> line, Map<String, Object> more, boolean strange) throws Exception {
        Map<String, Object> entry = new LinkedHashMap<>(more);
        entry.put("command", line);
        return model("command", entry).work(work("x", strange), "", place, null).strip();
    }

    private Path program(String name, String body) throws IOException {
        Path file = place.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + body);
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    private static Map<String, String> path(Path program) {
        return Map.of("PATH", program.getParent() + ":" + System.getenv("PATH"));
    }

    private static Doing model(String plugin, Map<String, ?> more) {
        Map<String, Object> entry = new LinkedHashMap<>(more);
        entry.put("plugin", plugin);
        return OwnModels.of(Map.of("own", entry), Map.of("SECRET_KEY", "hush"), LIMIT)
                .find("own")
                .orElseThrow();
    }

    private static Work work(String prompt, boolean strange) {
        return new Work("T", 1, 1, "chat", prompt, "", "", null, strange, null);
    }
}
