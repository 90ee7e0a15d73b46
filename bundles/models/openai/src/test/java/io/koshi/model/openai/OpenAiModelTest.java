package io.koshi.model.openai;

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
import io.koshi.testkit.ScriptedHttp;
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
class OpenAiModelTest {
    private static final String KEY = "sk-very-secret";
    private static final String DONE = "data: [DONE]\n\n";
    private static final String START = delta("{\"role\":\"assistant\",\"content\":\"\"}");
    private static final String TEXT = START + text("Grüße, ") + text("世界 ") + text("\\uD83D\\uDE00!");
    private static final String TOOL = delta("{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\","
                    + "\"function\":{\"name\":\"read_file\",\"arguments\":\"\"}}]}")
            + delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"path\\\": \\\"a\"}}]}")
            + delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\".txt\\\", \\\"n\\\": 3}\"}}]}");
    private static final String USAGE =
            "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"test-1\","
                    + "\"choices\":[],\"usage\":{\"prompt_tokens\":36,\"completion_tokens\":42,\"total_tokens\":78,"
                    + "\"prompt_tokens_details\":{\"cached_tokens\":11}}}\n\n";

    private final Codec codec = new RecordCodec();
    private final ScriptedHttp api = new ScriptedHttp();
    private final SharedHttp http = new SharedHttp(new Threads());
    private final List<String> deltas = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        api.close();
    }

    @ParameterizedTest
    @CsvSource({"1", "7", "100000"})
    void streamsTextAndToolCallsHoweverTheBytesAreCut(int chunk) throws Exception {
        api.stream(TEXT + TOOL + end("tool_calls") + USAGE + DONE, chunk);

        ModelAnswer answer = model().stream(ask(), deltas::add);

        assertThat(deltas).containsExactly("Grüße, ", "世界 ", "\uD83D\uDE00!");
        assertThat(answer.text()).isEqualTo("Grüße, 世界 \uD83D\uDE00!");
        assertThat(answer.calls())
                .containsExactly(new ToolCall("call_1", "read_file", Map.of("path", "a.txt", "n", 3L)));
        assertThat(answer.stop()).isEqualTo(Stop.TOOLS);
        assertThat(answer.usage()).isEqualTo(new Usage(25, 42, 11, 0));
        assertThat(answer.model()).isEqualTo("test-1");
    }

    @Test
    void asksAsTheServiceWantsIt() throws Exception {
        api.stream(TEXT + end("stop") + DONE, 4096);
        ModelRequest request = new ModelRequest(
                "console:main",
                "run",
                "be brief",
                List.of(
                        ModelMessage.User.of("look"),
                        new ModelMessage.Assistant("", List.of(new ToolCall("c1", "peek", Map.of("at", "x")))),
                        new ModelMessage.ToolOutput("c1", "found", false),
                        new ModelMessage.ToolOutput("c2", "", false),
                        new ModelMessage.ToolOutput("c3", "no such file", true),
                        new ModelMessage.User(List.of(
                                Part.text("and this?"),
                                new Part.Blob("b1", "image/png", Optional.of("p.png"), 3),
                                new Part.Blob("b2", "audio/ogg", Optional.of("v.ogg"), 9)))),
                1,
                List.of(new ToolSpec("peek", "Looks.", Map.of("type", "object"))),
                500,
                Trust.HIGH);

        model().stream(request, deltas::add);

        ScriptedHttp.Request sent = api.request();
        assertThat(sent.line()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
        assertThat(sent.headers())
                .containsEntry("authorization", "Bearer " + KEY)
                .containsEntry("content-type", "application/json");
        assertThat(codec.parseJson(sent.body().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(codec.parseJson("""
                        {"model":"test","max_tokens":500,"stream":true,"stream_options":{"include_usage":true},
                         "tools":[{"type":"function","function":
                          {"name":"peek","description":"Looks.","parameters":{"type":"object"}}}],
                         "messages":[
                          {"role":"system","content":"be brief"},
                          {"role":"user","content":"look"},
                          {"role":"assistant","content":"","tool_calls":[{"id":"c1","type":"function",
                           "function":{"name":"peek","arguments":"{\\"at\\":\\"x\\"}"}}]},
                          {"role":"tool","tool_call_id":"c1","content":"found"},
                          {"role":"tool","tool_call_id":"c2","content":"(nothing)"},
                          {"role":"tool","tool_call_id":"c3","content":"ERROR: no such file"},
                          {"role":"user","content":[
                           {"type":"text","text":"and this?"},
                           {"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}},
                           {"type":"text","text":"[v.ogg, audio/ogg, 9 bytes: cannot be shown]"}]}]}
                        """.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void asksWithoutAKeyWhereNoneIsSet() throws Exception {
        api.stream(TEXT + end("stop") + DONE, 4096);

        model(20, "").stream(ask(), deltas::add);

        assertThat(api.request().headers()).doesNotContainKey("authorization");
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:PORT, /v1/chat/completions",
        "http://127.0.0.1:PORT/v1/, /v1/chat/completions",
        "http://127.0.0.1:PORT/openai/v1, /openai/v1/chat/completions",
        "http://127.0.0.1:PORT/v1/chat/completions, /v1/chat/completions"
    })
    void findsTheApiBelowItsEndpoint(String endpoint, String path) throws Exception {
        api.stream(TEXT + end("stop") + DONE, 4096);
        String port = api.endpoint().substring(api.endpoint().lastIndexOf(':') + 1);

        model(endpoint.replace("PORT", port), 20, KEY).stream(ask(), deltas::add);

        assertThat(api.request().line()).isEqualTo("POST " + path + " HTTP/1.1");
    }

    @ParameterizedTest
    @CsvSource({"stop, END", "length, LENGTH", "content_filter, REFUSED", "eos, END"})
    void saysWhyItStopped(String reason, Stop stop) throws Exception {
        api.stream(TEXT + end(reason) + DONE, 4096);

        assertThat(model().stream(ask(), deltas::add).stop()).isEqualTo(stop);
    }

    /** As OpenRouter, vLLM and llama.cpp were seen to send it: nothing of it may be taken for an answer, or end one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 4096})
    void readsStreamsAsServersSendThem(int pieces) throws Exception {
        api.stream(
                "\uFEFF: OPENROUTER PROCESSING\r\n\r\n"
                        + "data:\r\n\r\n"
                        + "event: ping\r\ndata: {}\r\n\r\n"
                        + "data:{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"error\":null,\"choices\":"
                        + "[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,"
                        + "\"finish_reason\":null}],\"usage\":null}\r\n\r\n"
                        + "id: 7\r\ndata:{\"choices\":[{\"delta\":{\"content\":null,\"reasoning_content\":\"hm\"}}]}\r\n\r\n"
                        + "data:{\"choices\":[{\"delta\":{\"content\":\"Good \"}}]}\r\n\r\n"
                        + "data:{\"choices\":[{\"delta\":{\"content\":\"day\"}}]}\r\n\r\n"
                        + "data:{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"native_finish_reason\":\"end\"}]}\r\n\r\n"
                        + ": keep-alive\r\n\r\n"
                        + "data:{\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_tokens\":7,"
                        + "\"prompt_tokens_details\":null},\"timings\":{\"predicted_n\":2}}\r\n\r\n"
                        + "data:[DONE]\r\n\r\n",
                pieces);

        ModelAnswer answer = model().stream(ask(), deltas::add);

        assertThat(deltas).containsExactly("Good ", "day");
        assertThat(answer.stop()).isEqualTo(Stop.END);
        assertThat(answer.usage()).isEqualTo(new Usage(5, 2, 0, 0));
    }

    @Test
    void readsAStreamThatCallsItselfJson() throws Exception {
        api.json(200, TEXT + end("stop") + DONE);
        assertThat(model().stream(ask(), deltas::add).text())
                .isEqualTo(String.join("", deltas))
                .isNotEmpty();
    }

    @Test
    void anErrorInsideAChoiceFailsTheAttempt() throws Exception { // OpenRouter, when the provider behind it breaks
        api.stream(
                TEXT + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\","
                        + "\"error\":{\"code\":502,\"message\":\"Provider disconnected\"}}]}\n\n" + DONE,
                4096);
        assertThatThrownBy(() -> model().stream(ask(), deltas::add))
                .isInstanceOf(KoshiException.class)
                .hasMessageContaining("Provider disconnected")
                .satisfies(
                        e -> assertThat(((KoshiException) e).code().retryable()).isTrue());
    }

    /** Comments that keep the line open, reasoning, empty deltas, another choice, a null here and there. */
    @Test
    void leavesOutWhatIsNoAnswer() throws Exception {
        api.stream(
                ": keep-alive\n\n"
                        + delta("{\"role\":\"assistant\",\"content\":null,\"tool_calls\":null}")
                        + delta("{\"reasoning_content\":\"let me think\"}")
                        + delta("{\"reasoning\":\"still thinking\"}")
                        + ": OPENROUTER PROCESSING\n\n"
                        + text("yes")
                        + delta("{}")
                        + "data: {\"choices\":[{\"index\":1,\"delta\":{\"content\":\"no\"}}]}\n\n"
                        + "data: {\"choices\":null}\n\n"
                        + end("stop")
                        + DONE,
                4096);

        assertThat(model().stream(ask(), deltas::add).text()).isEqualTo("yes");
        assertThat(deltas).containsExactly("yes");
    }

    @Test
    void takesAnAnswerOfAServerThatDoesNotStream() throws Exception {
        api.json(
                200,
                "{\"model\":\"whole-1\",\"choices\":[{\"index\":0,\"finish_reason\":\"tool_calls\",\"message\":"
                        + "{\"role\":\"assistant\",\"content\":\"hm\",\"tool_calls\":[{\"id\":\"c1\",\"type\":"
                        + "\"function\",\"function\":{\"name\":\"peek\",\"arguments\":\"{}\"}}]}}],"
                        + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}");

        ModelAnswer answer = model().stream(ask(), deltas::add);

        assertThat(answer)
                .isEqualTo(new ModelAnswer(
                        "hm",
                        List.of(new ToolCall("c1", "peek", Map.of())),
                        Stop.TOOLS,
                        new Usage(3, 4, 0, 0),
                        "whole-1"));
        assertThat(deltas).containsExactly("hm");
    }

    @Test
    void isContentWithAnAnswerWithoutItsLastWord() throws Exception {
        api.stream(TEXT + end("stop"), 4096);

        ModelAnswer answer = model().stream(ask(), deltas::add);

        assertThat(answer.stop()).isEqualTo(Stop.END);
        assertThat(answer.usage()).isEqualTo(Usage.NONE);
    }

    @Test
    void waitsOnlyShortlyForTheCountWhenTheAnswerIsWhole() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        api.begin(TEXT + end("stop"), (out, socket) -> over.await());

        assertThat(model(3600, KEY).stream(ask(), deltas::add).stop()).isEqualTo(Stop.END);
        over.countDown();
    }

    @ParameterizedTest
    @CsvSource({
        "400, INVALID_PARAMS, false",
        "401, UNAUTHORIZED, false",
        "403, FORBIDDEN, false",
        "404, NOT_FOUND, false",
        "413, TOO_LARGE, false",
        "422, INVALID_PARAMS, false",
        "429, OVERLOADED, true",
        "500, SERVICE_UNAVAILABLE, true",
        "503, SERVICE_UNAVAILABLE, true"
    })
    void tellsWhatTheServiceRefusesInItsOwnWordsButNeverTheKey(int status, ErrorCode code, boolean retryable) {
        api.json(
                status,
                "{\"error\":{\"message\":\"the key " + KEY + " is not welcome\",\"type\":\"x\",\"code\":null}}",
                "retry-after: 17");

        KoshiException told = failure();

        assertThat(told.code()).isEqualTo(code);
        assertThat(told.code().retryable()).isEqualTo(retryable);
        assertThat(told).hasMessageContaining(status + ": the key *** is not welcome");
        assertThat(told.retryAfter()).contains(Duration.ofSeconds(17));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":\"model 'x' not found\"}",
                "{\"error\":{\"code\":404,\"message\":\"model 'x' not found\",\"type\":\"NotFoundError\"}}",
                "{\"object\":\"error\",\"message\":\"model 'x' not found\",\"code\":404}",
                "{\"detail\":\"model 'x' not found\"}"
            })
    void understandsEveryServersWayToRefuse(String body) {
        api.json(404, body);

        assertThat(failure()).hasMessageContaining("404: model 'x' not found");
    }

    @Test
    void tellsAnEmptyPurseFromAFullHouse() {
        api.json(429, "{\"error\":{\"message\":\"You exceeded your quota\",\"code\":\"insufficient_quota\"}}");
        assertThat(failure().code()).isEqualTo(ErrorCode.FORBIDDEN);

        api.json(400, "{\"error\":{\"message\":\"too long\",\"code\":\"context_length_exceeded\"}}");
        assertThat(failure().code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void learnsHowAServerSpellsTheLimit() throws Exception {
        OpenAiModel model = model();
        api.json(
                400,
                "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens' is not supported with this model."
                        + " Use 'max_completion_tokens' instead.\",\"code\":\"unsupported_parameter\"}}");
        api.stream(TEXT + end("stop") + DONE, 4096);
        api.stream(TEXT + end("stop") + DONE, 4096);

        model.stream(ask(), deltas::add);
        model.stream(ask(), deltas::add);

        assertThat(api.request().body()).contains("\"max_tokens\"");
        assertThat(api.request().body()).contains("\"max_completion_tokens\"").doesNotContain("\"max_tokens\"");
        assertThat(api.request().body()).contains("\"max_completion_tokens\"");
    }

    @Test
    void doesWithoutTheCountWhereAServerKnowsNoSuchOption() throws Exception {
        api.json(400, "{\"detail\":\"stream_options: extra fields not permitted\"}");
        api.stream(TEXT + end("stop") + DONE, 4096);

        model().stream(ask(), deltas::add);

        assertThat(api.request().body()).contains("stream_options");
        assertThat(api.request().body()).doesNotContain("stream_options");
    }

    @Test
    void asksAServerThatRefusesEverythingThreeTimesAtMost() {
        for (int i = 0; i < 4; i++) {
            api.json(400, "{\"error\":\"no stream_options, no max_tokens, no max_completion_tokens\"}");
        }

        assertThat(failure().code()).isEqualTo(ErrorCode.INVALID_PARAMS);
        assertThat(api.answersLeft()).isEqualTo(1);
    }

    @Test
    void answersAfterTheServiceWasOverloadedOnce() throws Exception {
        OpenAiModel model = model();
        api.json(429, "{\"error\":{\"message\":\"slow down\"}}");
        api.stream(TEXT + end("stop") + DONE, 4096);

        assertThat(failure(model).code()).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(model.health().status()).isEqualTo(Status.DEGRADED);
        assertThat(model.stream(ask(), deltas::add).stop()).isEqualTo(Stop.END);
        assertThat(model.health().status()).isEqualTo(Status.HEALTHY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"error\":{\"message\":\"Busy\",\"type\":\"server_error\"}} | SERVICE_UNAVAILABLE",
                "{\"error\":{\"message\":\"Busy\",\"code\":\"rate_limit_exceeded\"}} | OVERLOADED",
                "{\"error\":{\"message\":\"Busy\",\"code\":429}} | OVERLOADED",
                "{\"error\":\"Busy\"} | SERVICE_UNAVAILABLE"
            })
    void failsWithWhatAnErrorSaysInMidStream(String error, ErrorCode code) {
        api.stream(TEXT + "data: " + error + "\n\n", 4096);

        KoshiException told = failure();

        assertThat(told.code()).isEqualTo(code);
        assertThat(told).hasMessageContaining("Busy");
        assertThat(deltas).hasSize(3);
    }

    @Test
    void mayTryAgainAfterALineThatIsNoJson() {
        api.stream(TEXT + "data: {\"choices\":[{\"del\n\n" + DONE, 4096);

        assertThat(failure().code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
    }

    @Test
    void mayTryAgainWhenTheConnectionIsCutInMidStream() {
        api.begin(TEXT, (out, socket) -> {
            socket.setSoLinger(true, 0);
            socket.close();
        });

        assertThat(failure().code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
    }

    @Test
    void mayTryAgainWhenTheStreamEndsBeforeItIsOver() {
        api.stream(TEXT + TOOL, 4096);

        assertThat(failure().code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
    }

    @Test
    void mayTryAgainWhenNobodyListens() throws Exception {
        try (Socket held = new Socket()) { // bound, so that nobody else gets the port, and not listening
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            OpenAiModel model = model("http://127.0.0.1:" + held.getLocalPort(), 20, KEY);

            assertThat(failure(model).code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
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
        api.begin(TEXT, (out, socket) -> over.await());

        assertThat(failure(model(1, KEY)).code()).isEqualTo(ErrorCode.TIMEOUT);
        over.countDown();
    }

    @ParameterizedTest
    @ValueSource(strings = {"content", "reasoning_content"})
    void endsAnEndlessAnswer(String field) {
        String much = delta("{\"" + field + "\":\"" + "x".repeat(60_000) + "\"}");
        api.begin(START, (out, socket) -> {
            byte[] bytes = much.getBytes(StandardCharsets.US_ASCII);
            while (true) {
                ScriptedHttp.chunk(out, bytes, 0, bytes.length);
            }
        });

        assertThat(failure().code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void endsWhenItsThreadIsInterrupted() throws Exception {
        OpenAiModel model = model(3600, KEY);
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        api.begin(TEXT, (out, socket) -> over.await());
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
    void refusesAPageOrARedirect() {
        String page = "<html>login</html>";
        for (int status : new int[] {200, 302}) {
            api.answer((out, socket) -> {
                ScriptedHttp.head(
                        out, status, "location: /login", "content-type: text/html", "content-length: " + page.length());
                out.write(page.getBytes(StandardCharsets.UTF_8));
            });
            assertThat(failure().code()).isEqualTo(ErrorCode.METHOD_ERROR);
        }
    }

    @Test
    void saysAtOnceWhatIsWrongWithItsSettings() {
        assertThatThrownBy(() -> model(1, "a key\nwith lines")).hasMessageContaining("/apiKey");
        assertThatThrownBy(() -> model(OpenAiModel.PUBLIC, 1, "")).hasMessageContaining("/apiKey");
        assertThatThrownBy(() -> model("localhost:1", 1, KEY)).hasMessageContaining("/endpoint");
        assertThatThrownBy(() -> model("http://[", 1, KEY)).hasMessageContaining("/endpoint");
    }

    private KoshiException failure() {
        return failure(model());
    }

    private KoshiException failure(OpenAiModel model) {
        return catchThrowableOfType(KoshiException.class, () -> model.stream(ask(), deltas::add));
    }

    private OpenAiModel model() {
        return model(20, KEY); // a busy machine is no silent one
    }

    private OpenAiModel model(int timeoutSeconds, String key) {
        return model(api.endpoint(), timeoutSeconds, key);
    }

    private OpenAiModel model(String endpoint, int timeoutSeconds, String key) {
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
        return new OpenAiModel(http, blobs, codec, config(endpoint, key, timeoutSeconds), Map.of());
    }

    private static OpenAiModel.Config config(String endpoint, String key, int timeoutSeconds) {
        return new OpenAiModel.Config() {
            @Override
            public String model() {
                return "test";
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
                return OpenAiModel.Config.class;
            }
        };
    }

    private static ModelRequest ask() {
        return new ModelRequest(
                "console:main", "run", "", List.of(ModelMessage.User.of("hello")), 0, List.of(), 1000, Trust.HIGH);
    }

    private static String delta(String delta) {
        return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"test-1\",\"choices\":"
                + "[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}],\"usage\":null}\n\n";
    }

    private static String text(String text) {
        return delta("{\"content\":\"" + text + "\"}");
    }

    private static String end(String reason) {
        return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"test-1\",\"choices\":"
                + "[{\"index\":0,\"delta\":{},\"finish_reason\":\"" + reason + "\"}]}\n\n";
    }
}
