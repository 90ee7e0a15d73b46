package io.koshi.model.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.koshi.api.Blobs;
import io.koshi.api.ErrorCode;
import io.koshi.api.Health.Status;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelAnswer.Stop;
import io.koshi.model.ModelMessage;
import io.koshi.model.ModelRequest;
import io.koshi.model.ToolCall;
import io.koshi.model.ToolSpec;
import io.koshi.model.Usage;
import io.koshi.pool.internal.SharedHttp;
import io.koshi.pool.internal.Threads;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class AnthropicModelTest {
    private static final String KEY = "sk-ant-very-secret";
    private static final String START = event(
            "message_start",
            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
                    + "\"model\":\"claude-test-1\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":25,"
                    + "\"cache_creation_input_tokens\":7,\"cache_read_input_tokens\":11,\"output_tokens\":1}}}");
    private static final String PING = event("ping", "{\"type\": \"ping\"}");
    private static final String TEXT = event(
                    "content_block_start",
                    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}")
            + PING
            + text("Grüße, ")
            + text("世界 ")
            + text("\\uD83D\\uDE00!")
            + event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}");
    private static final String TOOL = event(
                    "content_block_start",
                    "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\","
                            + "\"id\":\"toolu_1\",\"name\":\"read_file\",\"input\":{}}}")
            + json("")
            + json("{\\\"path\\\": \\\"a")
            + json(".txt\\\", \\\"n\\\": 3}")
            + event("content_block_stop", "{\"type\":\"content_block_stop\",\"index\":1}");

    private final Codec codec = new RecordCodec();
    private final FakeMessagesApi api = new FakeMessagesApi();
    private final SharedHttp http = new SharedHttp(new Threads());
    private final List<String> deltas = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        api.close();
    }

    @ParameterizedTest
    @CsvSource({"1", "7", "100000"})
    void streamsTextAndToolCallsHoweverTheBytesAreCut(int chunk) throws Exception {
        api.stream(START + PING + TEXT + TOOL + end("tool_use", 42), chunk);

        ModelAnswer answer = model().stream(ask(), deltas::add);

        assertThat(deltas).containsExactly("Grüße, ", "世界 ", "\uD83D\uDE00!");
        assertThat(answer.text()).isEqualTo("Grüße, 世界 \uD83D\uDE00!");
        assertThat(answer.calls())
                .containsExactly(new ToolCall("toolu_1", "read_file", Map.of("path", "a.txt", "n", 3L)));
        assertThat(answer.stop()).isEqualTo(Stop.TOOLS);
        assertThat(answer.usage()).isEqualTo(new Usage(25, 42, 11, 7));
        assertThat(answer.model()).isEqualTo("claude-test-1");
    }

    @Test
    void asksAsTheServiceWantsIt() throws Exception {
        api.stream(START + TEXT + end("end_turn", 3), 4096);
        ModelRequest request = new ModelRequest(
                "console:main",
                "run",
                "be brief",
                List.of(
                        ModelMessage.User.of("look"),
                        new ModelMessage.Assistant("", List.of(new ToolCall("c1", "peek", Map.of("at", "x")))),
                        new ModelMessage.ToolOutput("c1", "found", false),
                        new ModelMessage.ToolOutput("c2", "", true),
                        new ModelMessage.User(List.of(
                                Part.text("and this?"), new Part.Blob("b1", "image/png", Optional.of("p.png"), 3)))),
                1,
                List.of(new ToolSpec("peek", "Looks.", Map.of("type", "object"))),
                500,
                Trust.HIGH);

        model().stream(request, deltas::add);

        FakeMessagesApi.Request sent = api.request();
        assertThat(sent.line()).isEqualTo("POST /v1/messages HTTP/1.1");
        assertThat(sent.headers())
                .containsEntry("x-api-key", KEY)
                .containsEntry("anthropic-version", "2023-06-01")
                .containsEntry("content-type", "application/json");
        assertThat(codec.parseJson(sent.body().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(codec.parseJson("""
                        {"model":"claude-test","max_tokens":500,"stream":true,
                         "system":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}],
                         "tools":[{"name":"peek","description":"Looks.","input_schema":{"type":"object"}}],
                         "messages":[
                          {"role":"user","content":[{"type":"text","text":"look","cache_control":{"type":"ephemeral"}}]},
                          {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"peek","input":{"at":"x"}}]},
                          {"role":"user","content":[
                           {"type":"tool_result","tool_use_id":"c1","content":"found"},
                           {"type":"tool_result","tool_use_id":"c2","content":"(nothing)","is_error":true},
                           {"type":"text","text":"and this?"},
                           {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AQID"}}]}]}
                        """.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void readsAnAnswerOverPlainHttpLines() throws Exception {
        api.answer((out, socket) -> {
            FakeMessagesApi.head(out, 200, "content-type: text/event-stream");
            out.write(
                    (START + TEXT + end("max_tokens", 9)).replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
        });

        assertThat(model().stream(ask(), deltas::add).stop()).isEqualTo(Stop.LENGTH);
    }

    @ParameterizedTest
    @CsvSource({
        "400, INVALID_PARAMS, false",
        "401, UNAUTHORIZED, false",
        "403, FORBIDDEN, false",
        "404, NOT_FOUND, false",
        "413, TOO_LARGE, false",
        "429, OVERLOADED, true",
        "500, SERVICE_UNAVAILABLE, true",
        "503, SERVICE_UNAVAILABLE, true",
        "529, OVERLOADED, true"
    })
    void tellsWhatTheServiceRefusesInItsOwnWordsButNeverTheKey(int status, ErrorCode code, boolean retryable) {
        api.error(status, "some_error", "the key " + KEY + " is not welcome", "retry-after: 17");

        KoshiException told = failure();

        assertThat(told.code()).isEqualTo(code);
        assertThat(told.code().retryable()).isEqualTo(retryable);
        assertThat(told).hasMessageContaining(status + ": the key *** is not welcome");
        assertThat(told.retryAfter()).contains(Duration.ofSeconds(17));
    }

    @Test
    void answersAfterTheServiceWasOverloadedOnce() throws Exception {
        AnthropicModel model = model();
        api.error(529, "overloaded_error", "Overloaded");
        api.stream(START + TEXT + end("end_turn", 3), 4096);

        assertThat(failure(model).code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(model.health().status()).isEqualTo(Status.DEGRADED);
        assertThat(model.stream(ask(), deltas::add).stop()).isEqualTo(Stop.END);
        assertThat(model.health().status()).isEqualTo(Status.HEALTHY);
    }

    @Test
    void failsWithWhatAnErrorEventSaysInMidStream() {
        api.stream(
                START
                        + TEXT
                        + event(
                                "error",
                                "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Busy\"}}"),
                4096);

        assertThat(failure().code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(deltas).hasSize(3);
    }

    @Test
    void mayTryAgainWhenTheConnectionIsCutInMidStream() {
        api.begin(START + TEXT, (out, socket) -> {
            socket.setSoLinger(true, 0);
            socket.close();
        });

        assertThat(failure().code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
    }

    @Test
    void mayTryAgainWhenTheStreamEndsBeforeItIsOver() {
        api.stream(START + TEXT, 4096);

        assertThat(failure().code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
    }

    @Test
    void mayTryAgainWhenNobodyListens() throws Exception {
        try (Socket held = new Socket()) { // bound, so that nobody else gets the port, and not listening
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            AnthropicModel model = model("http://127.0.0.1:" + held.getLocalPort(), 20, KEY);

            KoshiException failure = failure(model);
            assertThat(failure.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
            assertThat(failure).hasMessageContaining("127.0.0.1 cannot be reached");
        }
    }

    @Test
    void givesUpOnAServiceThatAcceptsAndNeverAnswers() {
        CountDownLatch over = new CountDownLatch(1);
        api.answer((out, socket) -> over.await());

        assertThat(failure(model(1, KEY)).code()).isEqualTo(ErrorCode.TIMEOUT);
        over.countDown();
    }

    @Test
    void givesUpOnSilenceInMidStream() {
        CountDownLatch over = new CountDownLatch(1);
        api.begin(START + TEXT, (out, socket) -> over.await());

        assertThat(failure(model(1, KEY)).code()).isEqualTo(ErrorCode.TIMEOUT);
        over.countDown();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "event: ping\ndata: {\"type\": \"ping\", \"pad\": \"%s\"}\n\n",
                "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":%d,"
                        + "\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":{}}}\n\n"
            })
    void endsAStreamThatNeverComesToAnEnd(String event) {
        String pad = "x".repeat(60_000);
        api.begin(START, (out, socket) -> {
            for (int i = 0; ; i++) {
                byte[] bytes = (event.contains("%s") ? event.formatted(pad) : event.formatted(i))
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                io.koshi.testkit.ScriptedHttp.chunk(out, bytes, 0, bytes.length);
            }
        });

        assertThat(failure().code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void endsWhenItsThreadIsInterrupted() throws Exception {
        AnthropicModel model = model(3600, KEY);
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        api.begin(START + TEXT, (out, socket) -> over.await());
        Thread asking = new Thread(() -> {
            try {
                model.stream(ask(), delta -> first.countDown());
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        asking.start();
        assertThat(first.await(60, TimeUnit.SECONDS)).isTrue();
        asking.interrupt();
        asking.join(120_000);

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        over.countDown();
    }

    @Test
    void marksArgumentsThatAreNoJsonObject() throws Exception {
        api.stream(START + TOOL.replace(".txt\\\"", ".txt") + end("tool_use", 3), 4096);

        assertThat(model().stream(ask(), deltas::add).calls().get(0).malformed())
                .isPresent();
    }

    @Test
    void refusesWhatIsNoStreamOfTheApi() {
        String page = "<html>login</html>";
        api.answer((out, socket) -> {
            FakeMessagesApi.head(out, 302, "location: /login", "content-length: " + page.length());
            out.write(page.getBytes(StandardCharsets.UTF_8));
        });

        assertThat(failure().code()).isEqualTo(ErrorCode.METHOD_ERROR);
    }

    @Test
    void saysAtOnceWhatIsWrongWithItsSettings() {
        assertThatThrownBy(() -> model(1, "a key\nwith lines")).hasMessageContaining("/apiKey");
        assertThatThrownBy(() -> new AnthropicModel(http, null, codec, config(AnthropicModel.PUBLIC, "", 1), Map.of()))
                .hasMessageContaining("/apiKey");
        assertThatThrownBy(() -> new AnthropicModel(http, null, codec, config("localhost:1", KEY, 1), Map.of()))
                .hasMessageContaining("/endpoint");
    }

    private KoshiException failure() {
        return failure(model());
    }

    private KoshiException failure(AnthropicModel model) {
        return catchThrowableOfType(KoshiException.class, () -> model.stream(ask(), deltas::add));
    }

    private AnthropicModel model() {
        return model(20, KEY); // a busy machine is no silent one
    }

    private AnthropicModel model(int timeoutSeconds, String key) {
        return model(api.endpoint(), timeoutSeconds, key);
    }

    private AnthropicModel model(String endpoint, int timeoutSeconds, String key) {
        Blobs blobs = new Blobs() {
            @Override
            public String put(InputStream bytes) {
                throw new UnsupportedOperationException();
            }

            @Override
            public InputStream open(String ref) {
                return new ByteArrayInputStream(new byte[] {1, 2, 3});
            }
        };
        return new AnthropicModel(http, blobs, codec, config(endpoint, key, timeoutSeconds), Map.of());
    }

    private static AnthropicModel.Config config(String endpoint, String key, int timeoutSeconds) {
        return new AnthropicModel.Config() {
            @Override
            public String model() {
                return "claude-test";
            }

            @Override
            public String apiKey() {
                return key;
            }

            @Override
            public String endpoint() {
                return endpoint;
            }

            @Override
            public int maxTokens() {
                return 1000;
            }

            @Override
            public int timeoutSeconds() {
                return timeoutSeconds;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return AnthropicModel.Config.class;
            }
        };
    }

    private static ModelRequest ask() {
        return new ModelRequest(
                "console:main", "run", "", List.of(ModelMessage.User.of("hello")), 0, List.of(), 1000, Trust.HIGH);
    }

    private static String event(String type, String data) {
        return "event: " + type + "\ndata: " + data + "\n\n";
    }

    private static String text(String text) {
        return event(
                "content_block_delta",
                "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" + text
                        + "\"}}");
    }

    private static String json(String partial) {
        return event(
                "content_block_delta",
                "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\","
                        + "\"partial_json\":\"" + partial + "\"}}");
    }

    private static String end(String reason, int tokens) {
        return event(
                        "message_delta",
                        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"" + reason
                                + "\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":" + tokens + "}}")
                + event("message_stop", "{\"type\":\"message_stop\"}");
    }
}
