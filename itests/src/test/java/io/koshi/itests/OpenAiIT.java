package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chat clients that know OpenAI's API talk to the hub's agent. */
class OpenAiIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String HELLO =
            "{\"model\":\"koshi\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

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
    void answersACompletionWithItsUsage() throws Exception {
        HttpResponse<String> answer = post(HELLO, admin);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.path("object").asText()).isEqualTo("chat.completion");
        assertThat(body.path("id").asText()).startsWith("chatcmpl-");
        assertThat(body.at("/choices/0/message/role").asText()).isEqualTo("assistant");
        assertThat(body.at("/choices/0/message/content").asText()).isEqualTo("You said: hello");
        assertThat(body.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(body.at("/usage/prompt_tokens").asInt()).isEqualTo(7);
        assertThat(body.at("/usage/completion_tokens").asInt()).isEqualTo(5);
        assertThat(body.at("/usage/total_tokens").asInt()).isEqualTo(12);
        await().untilAsserted(() -> assertThat(
                        daemon.call("session.list", Map.of()).path("sessions").findValuesAsText("sessionKey"))
                .as("a request without a session leaves none")
                .noneMatch(key -> key.matches("openai:[0-9A-Z]{26}")));
    }

    @Test
    void streamsTheWordsWhileTheyAreMade() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        model.then(FakeModel.saysSlowly("these words come one by one", held));
        HttpResponse<InputStream> answer = CLIENT.send(
                request(
                        "{\"stream\":true,\"stream_options\":{\"include_usage\":true},\"user\":\"ann\",\"messages\":"
                                + "[{\"role\":\"user\",\"content\":\"go\"}]}",
                        admin),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        StringBuilder text = new StringBuilder();
        List<JsonNode> chunks = new ArrayList<>();
        String end = "";
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: {")) {
                    JsonNode chunk = JSON.readTree(line.substring(6));
                    chunks.add(chunk);
                    text.append(chunk.at("/choices/0/delta/content").asText(""));
                    if (text.toString().equals("these words come one by one")) {
                        held.countDown(); // every word is here while the model has not ended yet
                    }
                } else if (line.startsWith("data: ")) {
                    end = line;
                }
            }
        }
        assertThat(text).hasToString("these words come one by one");
        assertThat(end).isEqualTo("data: [DONE]");
        assertThat(chunks.get(0).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
        assertThat(chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").asText())
                .isEqualTo("stop");
        assertThat(chunks.get(chunks.size() - 1).at("/usage/completion_tokens").asInt())
                .isEqualTo(5);
        assertThat(chunks).hasSizeGreaterThan(5);
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allMatch(chunk -> chunk.has("usage") && chunk.get("usage").isNull());
        assertThat(chunks).allMatch(chunk -> chunk.path("object").asText().equals("chat.completion.chunk"));
    }

    @Test
    void keepsAConversationByUserOrBySession() throws Exception {
        post("{\"user\":\"bob\",\"messages\":[{\"role\":\"user\",\"content\":\"I am Bob\"}]}", admin);
        post(
                "{\"user\":\"bob\",\"messages\":[{\"role\":\"user\",\"content\":\"I am Bob\"},"
                        + "{\"role\":\"assistant\",\"content\":\"You said: I am Bob\"},"
                        + "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"who am I?\"}]}]}",
                admin);
        JsonNode history = daemon.call("session.history", Map.of("sessionKey", "openai:bob"))
                .path("messages");
        assertThat(history.findValuesAsText("content"))
                .containsExactly("I am Bob", "You said: I am Bob", "who am I?", "You said: who am I?");

        CLIENT.send(
                HttpRequest.newBuilder(request(HELLO, admin), (name, value) -> true)
                        .header("X-Koshi-Session", "console:main")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(daemon.call("session.history", Map.of("sessionKey", "console:main"))
                        .path("messages"))
                .hasSize(2);
    }

    @Test
    void tellsAModelTheWholeExchangeWhereNoSessionKnowsIt() throws Exception {
        HttpResponse<String> answer = post(
                "{\"messages\":[{\"role\":\"system\",\"content\":\"Be brief.\"},"
                        + "{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"},"
                        + "{\"role\":\"user\",\"content\":\"c\"}]}",
                admin);
        assertThat(JSON.readTree(answer.body()).at("/choices/0/message/content").asText())
                .isEqualTo(
                        "You said: Instructions:\nBe brief.\n\nThe conversation so far:\nuser: a\nassistant: b\n\nc");
    }

    @Test
    void goesOnWhereTheExchangeEndsWithAnAnswer() throws Exception {
        HttpResponse<String> answer = post(
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]}",
                admin);
        assertThat(JSON.readTree(answer.body()).at("/choices/0/message/content").asText())
                .isEqualTo("You said: The conversation so far:\nuser: a\nassistant: b\n\n(Go on from there.)");
    }

    @Test
    void streamsNoneButItsOwnRunInASharedSession() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        model.then(FakeModel.saysSlowly("what another asked for", held));
        CompletableFuture<HttpResponse<String>> other = CLIENT.sendAsync(
                HttpRequest.newBuilder(URI.create(daemon.http() + "/api/v1/agent/run"))
                        .header("Authorization", "Bearer " + admin)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "{\"sessionKey\":\"openai:both\",\"task\":\"before\"}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        await().until(() -> daemon.call("agent.status", Map.of("sessionKey", "openai:both"))
                        .path("activeRuns")
                        .size()
                == 1);
        CompletableFuture<HttpResponse<String>> stream = CLIENT.sendAsync(
                request(
                        "{\"stream\":true,\"user\":\"both\",\"messages\":[{\"role\":\"user\",\"content\":\"mine\"}]}",
                        admin),
                HttpResponse.BodyHandlers.ofString());
        held.countDown();
        assertThat(stream.get(2, TimeUnit.MINUTES).body())
                .contains("mine", "data: [DONE]")
                .doesNotContain("another");
        assertThat(other.get(2, TimeUnit.MINUTES).body()).contains("what another asked for");
    }

    @Test
    void goesOnWithARunWhoseClientHasGone() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        model.then(FakeModel.saysSlowly("finished all the same", held));
        byte[] body = ("{\"stream\":true,\"user\":\"gone\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        try (Socket client = new Socket("127.0.0.1", daemon.http().getPort())) {
            client.getOutputStream()
                    .write(("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + admin
                                    + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().write(body);
            assertThat(client.getInputStream().read()).isEqualTo('H');
            client.setSoLinger(true, 0); // gone without a word
        }
        held.countDown();
        await().untilAsserted(() -> assertThat(daemon.call("session.history", Map.of("sessionKey", "openai:gone"))
                        .path("messages")
                        .findValuesAsText("content"))
                .contains("finished all the same"));
    }

    @Test
    void endsAnAnswerBeforeAStopSequence() throws Exception {
        model.then(FakeModel.says("Thought: look\nObservation: nothing"));
        JsonNode whole = JSON.readTree(
                post("{\"stop\":[\"\\nObservation:\"],\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", admin)
                        .body());
        assertThat(whole.at("/choices/0/message/content").asText()).isEqualTo("Thought: look");
        assertThat(whole.at("/choices/0/finish_reason").asText()).isEqualTo("stop");

        model.then(FakeModel.says("one two stop here three"));
        assertThat(streamed("\"stop\":\"stop here\""))
                .as("a sequence that comes in two pieces")
                .isEqualTo("one two |stop");
    }

    @Test
    void endsAnAnswerAtItsLength() throws Exception {
        model.then(FakeModel.says("0123456789"));
        JsonNode whole =
                JSON.readTree(post("{\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", admin)
                        .body());
        assertThat(whole.at("/choices/0/message/content").asText()).isEqualTo("01234567");
        assertThat(whole.at("/choices/0/finish_reason").asText()).isEqualTo("length");
        model.then(FakeModel.says("0123456789"));
        assertThat(streamed("\"max_completion_tokens\":1")).isEqualTo("0123|length");
    }

    @Test
    void endsARunThatNobodyIsToHearMoreOf() throws Exception {
        int before = model.requests().size();
        model.then(FakeModel.saysSlowly("enough now and never more ", new CountDownLatch(1)));
        assertThat(streamed("\"stop\":\" now\",\"stream_options\":{\"include_usage\":true}"))
                .isEqualTo("enough|stop");
        assertThat(model.requests()).hasSize(before + 1);
        await().untilAsserted(() ->
                assertThat(daemon.call("agent.status", Map.of()).path("runs")).isEmpty());
    }

    @Test
    void givesBareJsonToOneWhoAsksForIt() throws Exception {
        String format = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":"
                + "{\"type\":\"object\",\"required\":[\"city\"]}}}";
        model.then(FakeModel.says("```json\n{\"city\":\"Oslo\"}\n```"));
        JsonNode whole =
                JSON.readTree(post("{" + format + ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", admin)
                        .body());
        assertThat(whole.at("/choices/0/message/content").asText()).isEqualTo("{\"city\":\"Oslo\"}");
        assertThat(FakeModel.lastWords(model.requests().get(model.requests().size() - 1)))
                .contains("one JSON object", "\"required\":[\"city\"]");
        model.then(FakeModel.says("```json\n{\"city\":\"Oslo\"}\n```"));
        assertThat(streamed(format)).isEqualTo("{\"city\":\"Oslo\"}|stop");
    }

    @Test
    void takesWhatClientsSendThatTheHubDecidesItself() throws Exception {
        HttpResponse<String> answer = post(
                "{\"model\":\"koshi\",\"temperature\":0.2,\"top_p\":1,\"seed\":7,\"logprobs\":true,\"n\":1.0,"
                        + "\"presence_penalty\":0,\"metadata\":{\"a\":\"b\"},\"store\":false,\"tool_choice\":\"auto\","
                        + "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"parallel_tool_calls\":true,"
                        + "\"response_format\":{\"type\":\"text\"},\"stop\":null,\"max_tokens\":null,\"x_of_tomorrow\":[],"
                        + "\"messages\":[{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":\"Be brief.\"}]},"
                        + "{\"role\":\"user\",\"name\":\"ann\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"},"
                        + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AQID\",\"detail\":\"low\"}},"
                        + "{\"type\":\"file\",\"file\":{\"filename\":\"a.txt\",\"file_data\":"
                        + "\"data:text/plain;charset=utf-8;base64,aGVsbG8gZmlsZQ==\"}}]}]}",
                admin);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(model.requests().get(model.requests().size() - 1).toString())
                .contains("Be brief.", "image/png", "hello file");
    }

    @Test
    void refusesWhatAClientWouldWaitForInVain() throws Exception {
        String says = ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        for (String wish : List.of(
                "\"n\":2",
                "\"tool_choice\":\"required\"",
                "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}",
                "\"function_call\":{\"name\":\"f\"}")) {
            error(post("{" + wish + says, admin), 400, "invalid_request_error", "unsupported_value");
        }
        for (String wish : List.of(
                "\"stop\":7",
                "\"stop\":[7]",
                "\"stop\":\"" + "x".repeat(1001) + "\"",
                "\"max_tokens\":0",
                "\"max_tokens\":\"many\"",
                "\"response_format\":{\"type\":\"xml\"}",
                "\"response_format\":{\"type\":\"json_schema\"}",
                "\"response_format\":7")) {
            error(post("{" + wish + says, admin), 400, "invalid_request_error", null);
        }
        error(
                post(
                        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\",\"input_audio\":"
                                + "{\"data\":\"AQID\",\"format\":\"wav\"}}]}]}",
                        admin),
                400,
                "invalid_request_error",
                "unsupported_value");
    }

    /** The words of a stream, a bar, and its finish_reason. */
    private static String streamed(String wish) throws Exception {
        StringBuilder said = new StringBuilder();
        String finish = "";
        for (String line : post(
                        "{\"stream\":true," + wish + ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", admin)
                .body()
                .split("\n")) {
            if (line.startsWith("data: {")) {
                JsonNode chunk = JSON.readTree(line.substring(6));
                said.append(chunk.at("/choices/0/delta/content").asText(""));
                finish = chunk.at("/choices/0/finish_reason").asText(finish).replace("null", finish);
            }
        }
        return said + "|" + finish;
    }

    @Test
    void listsItsModels() throws Exception {
        JsonNode models = JSON.readTree(get("/v1/models", admin).body());
        assertThat(models.path("object").asText()).isEqualTo("list");
        assertThat(models.path("data").findValuesAsText("id")).containsExactly("koshi", "fake");
        assertThat(get("/v1/models/fake", admin).statusCode()).isEqualTo(200);
        error(get("/v1/models/gpt-9", admin), 404, "invalid_request_error", "model_not_found");
        assertThat(JSON.readTree(post(HELLO.replace("koshi", "fake"), admin).body())
                        .path("model")
                        .asText())
                .isEqualTo("fake");
    }

    @Test
    void refusesInOpenAisWords() throws Exception {
        error(post(HELLO, null), 401, "authentication_error", "invalid_api_key");
        error(post(HELLO, "wrong"), 401, "authentication_error", "invalid_api_key");
        String reader = daemon.call("token.create", Map.of("name", "reader", "scopes", List.of("*.read")))
                .path("token")
                .asText();
        error(post(HELLO, reader), 403, "permission_error", "FORBIDDEN");
        error(post(HELLO.replace("koshi", "gpt-9"), admin), 404, "invalid_request_error", "model_not_found");
        error(get("/v1/chat/completions", admin), 405, "invalid_request_error", "method_not_supported");
        error(get("/v1/embeddings", admin), 404, "invalid_request_error", "unknown_url");
        for (String body : List.of(
                "",
                "{",
                "\u0000",
                "[".repeat(10_000),
                "{\"messages\":NaN}",
                "{\"messages\":[],\"messages\":[]}",
                "[]",
                "{}",
                "{\"messages\":[]}",
                "{\"messages\":[7]}",
                "{\"messages\":[{\"role\":\"user\"}]}",
                "{\"messages\":[{\"role\":\"king\",\"content\":\"x\"}]}",
                "{\"messages\":[{\"role\":\"user\",\"content\":7}]}",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"video\"}]}]}",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":"
                        + "{\"url\":\"http://evil.example/x.png\"}}]}]}",
                "{\"n\":2,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                "{\"stream\":\"yes\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                "{\"model\":7,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")) {
            HttpResponse<String> answer = post(body, admin);
            assertThat(answer.statusCode())
                    .as(body.substring(0, Math.min(60, body.length())))
                    .isEqualTo(400);
            assertThat(JSON.readTree(answer.body()).at("/error/type").asText()).isEqualTo("invalid_request_error");
        }
        error(post(" ".repeat(2 << 20), admin), 413, "invalid_request_error", "TOO_LARGE");
    }

    private static void error(HttpResponse<String> answer, int status, String type, String code) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        JsonNode error = JSON.readTree(answer.body()).path("error");
        assertThat(error.path("type").asText()).isEqualTo(type);
        assertThat(error.path("code").asText(null)).isEqualTo(code);
        assertThat(error.path("message").asText()).isNotBlank();
    }

    private static HttpRequest request(String body, String token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(daemon.http() + "/v1/chat/completions"))
                .timeout(Duration.ofMinutes(2))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        return token == null
                ? request.build()
                : request.header("Authorization", "Bearer " + token).build();
    }

    private static HttpResponse<String> post(String body, String token) throws Exception {
        return CLIENT.send(request(body, token), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path, String token) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(daemon.http() + path))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
