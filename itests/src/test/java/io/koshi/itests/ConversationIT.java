package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.koshi.itests.FakePlatform.Post;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a person who talks to the hub gets: an answer, once, in order, or a word on why there is none. */
@Timeout(300)
class ConversationIT {
    private static final String SECRET = "s3cret";

    @TempDir
    Path home;

    private FakePlatform platform;
    private FakeModel model;

    @BeforeEach
    void open() throws IOException {
        platform = new FakePlatform(SECRET);
        model = new FakeModel();
    }

    @AfterEach
    void close() {
        model.close();
        platform.close();
    }

    @Test
    @Tag("both")
    void theBuiltInModelAnswersCommandsAndQuestions() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("http: { port: 0 }\n").start()) {
            assertThat(chat("/help").out()).contains("/remember", "/recall", "/status", "/trace", "/routes");
            assertThat(chat("/status").out()).containsIgnoringCase("ready");
            assertThat(chat("/routes").out()).isNotBlank();
            assertThat(chat("/remember The harbour pilot is called Ines.").exit())
                    .isZero();
            assertThat(chat("/recall pilot").out()).contains("Ines");
            assertThat(chat("who is the harbour pilot?").out()).contains("Ines");

            String id = daemon.call("channel.receive", Map.of("text", "hello there"))
                    .path("id")
                    .asText();
            await().until(() -> daemon.call("hub.trace", Map.of("id", id))
                    .path("state")
                    .asText()
                    .equals("done"));
            assertThat(chat("/trace " + id).out()).contains("received", "routed");
        }
    }

    @Test
    void aLongChatIsReadLineByLine() throws Exception {
        try (Daemon daemon = talking("").start()) {
            Cli.Result result = Cli.typing("one\n\ntwo\n/exit\nnever said\n", home, "chat");

            assertThat(result.exit()).as(result.err()).isZero();
            assertThat(result.out()).isEqualTo("You said: one\nYou said: two\n");
            assertThat(daemon.call("session.history", Map.of("sessionKey", "console:main"))
                            .path("messages"))
                    .hasSize(4);
        }
    }

    @Test
    void oneConversationDoesNotWaitForAnother() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        model.then(FakeModel.saysSlowly("slow answer", held));
        try (Daemon daemon = talking("").start();
                EventLog events = EventLog.of(daemon, "run.*")) {
            say(daemon, "slow", "first");
            events.await("run.delta", delta -> delta.path("sessionKey").asText().equals("console:slow"));

            Cli.Result quick = Cli.run(home, "chat", "-c", "quick", "second");

            assertThat(quick.out()).isEqualTo("You said: second\n");
            completed(events, "console:quick");
            assertThat(events.payloads("run.completed")).hasSize(1);
            held.countDown();
            assertThat(completed(events, "console:slow").path("response").asText())
                    .isEqualTo("slow answer");
        }
    }

    @Test
    @Tag("both")
    void wordsLeaveInOrderWhileTheyAreMade() throws Exception {
        model.then(FakeModel.says("these words come one by one"));
        try (Daemon daemon = talking("").start();
                EventLog events = EventLog.of(daemon, "run.*")) {
            say(daemon, "main", "go");

            JsonNode done = completed(events, "console:main");

            List<JsonNode> deltas = events.payloads("run.delta");
            assertThat(deltas).hasSizeGreaterThan(1);
            for (int i = 0; i < deltas.size(); i++) {
                assertThat(deltas.get(i).path("index").asInt()).isEqualTo(i);
            }
            assertThat(words(deltas)).isEqualTo("these words come one by one");
            assertThat(done.path("response").asText()).isEqualTo("these words come one by one");
            assertThat(topics(events).get(0)).isEqualTo("run.started");
            assertThat(topics(events)).endsWith("run.completed");
        }
    }

    @Test
    void anOverloadedServiceIsAskedAgain() throws Exception {
        model.then(FakeModel.refuses(529, "overloaded_error"));
        try (Daemon daemon = talking("").start();
                EventLog events = EventLog.of(daemon, "run.*", "console.*")) {
            say(daemon, "main", "hello");

            JsonNode done = completed(events, "console:main");

            assertThat(done.path("response").asText()).isEqualTo("You said: hello");
            JsonNode failed = events.payloads("run.failed").get(0);
            assertThat(failed.path("willRetry").asBoolean()).isTrue();
            assertThat(failed.path("error").path("code").asText()).isEqualTo("OVERLOADED");
            assertThat(attempts(events)).containsExactly(1, 2);
            events.await("console.reply", reply -> true);
            assertThat(events.payloads("console.reply")).hasSize(1);
        }
    }

    @Test
    void aStreamThatBreaksOffIsBegunAgain() throws Exception {
        model.then(FakeModel.breaksOffAfter("half an "), FakeModel.says("a whole answer"));
        try (Daemon daemon = talking("").start();
                EventLog events = EventLog.of(daemon, "run.*", "console.*")) {
            say(daemon, "main", "hello");

            JsonNode done = completed(events, "console:main");

            assertThat(done.path("response").asText()).isEqualTo("a whole answer");
            assertThat(events.payloads("run.delta").stream()
                            .filter(delta -> delta.path("index").asInt() == 0))
                    .as("a retry's deltas restart at 0")
                    .hasSize(2);
            JsonNode reply = events.await("console.reply", any -> true);
            assertThat(reply.path("text").asText()).isEqualTo("a whole answer");
        }
    }

    @Test
    void aServiceThatNeverAnswersIsSaidInTheConversation() throws Exception {
        model.then(model.staysSilent(), model.staysSilent(), model.staysSilent());
        try (Daemon daemon = talking("", 2).start()) {
            Cli.Result result = Cli.run(home, "chat", "hello");

            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.out() + result.err()).contains("I lost my train of thought", "took too long");
            assertThat(model.requests()).hasSize(3);
            assertThat(Cli.run(home, "chat", "still there?").out()).isEqualTo("You said: still there?\n");
        }
    }

    @Test
    void anotherModelStepsInWhereTheFirstIsRefused() throws Exception {
        try (FakeModel second = new FakeModel()) {
            model.then(FakeModel.refuses(401, "authentication_error"));
            second.then(FakeModel.says("The second one here."));
            String more = "  second: { plugin: anthropic, endpoint: \"" + second.endpoint() + "\", apiKey: k }\n";
            try (Daemon daemon = talking(more).start();
                    EventLog events = EventLog.of(daemon, "run.*")) {
                say(daemon, "main", "hello");

                assertThat(completed(events, "console:main").path("response").asText())
                        .isEqualTo("The second one here.");
                assertThat(events.payloads("run.started").stream()
                                .map(run -> run.path("model").asText()))
                        .containsExactly("main", "second");
            }
        }
    }

    @Test
    void anAnswerUnderWayIsFinishedBeforeTheHubStops() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        model.then(FakeModel.saysSlowly("the end of it", held));
        try (Daemon daemon = talking("").start()) {
            try (EventLog events = EventLog.of(daemon, "run.*", "hub.*")) {
                assertThat(post(daemon, "d1", "ann", "tell me").statusCode()).isEqualTo(200);
                events.await("run.delta", delta -> true);

                CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> stop(daemon));
                events.await("hub.stopping", stopping -> true);
                held.countDown();

                assertThat(exit.get()).isZero();
            }
            daemon.restart();
            await().untilAsserted(() -> assertThat(texts()).containsExactly("the end of it"));
            assertThat(model.requests()).hasSize(1);
        }
    }

    @Test
    @Tag("both")
    void anAnswerThatAKillInterruptedIsMadeAgainAndSentOnce() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        model.then(FakeModel.saysSlowly("half an answer", never));
        try (Daemon daemon = talking("").start()) {
            try (EventLog events = EventLog.of(daemon, "run.*")) {
                post(daemon, "d1", "ann", "tell me");
                events.await("run.delta", delta -> true);
            }
            daemon.kill();
            daemon.restart();

            await().until(() -> !platform.posts().isEmpty());
            post(daemon, "d2", "ann", "and now");
            await().until(() -> texts().contains("You said: and now"));
            assertThat(texts()).containsExactly("You said: tell me", "You said: and now");
            assertThat(platform.posts()).noneMatch(Post::duplicate);
        }
    }

    @Test
    void anAnswerThatKillsTheHubIsGivenUpAfterThreeAttempts() throws Exception {
        try (Daemon daemon = talking("").start()) {
            post(daemon, "d1", "ann", "tell me");
            for (int attempt = 1; attempt <= 3; attempt++) {
                model.then(model.staysSilent());
                int asked = attempt;
                if (attempt > 1) {
                    daemon.restart();
                }
                await().until(() -> model.requests().size() == asked);
                daemon.kill();
            }
            daemon.restart();

            await().untilAsserted(() -> assertThat(texts()).hasSize(1));
            assertThat(texts().get(0)).contains("I lost my train of thought");
            assertThat(model.requests()).hasSize(3);
        }
    }

    private Daemon talking(String moreModels) throws IOException {
        return talking(moreModels, 60);
    }

    /** @param patience how long the model may be silent, in seconds */
    private Daemon talking(String moreModels, int patience) throws IOException {
        String fallback = moreModels.isEmpty() ? "" : ", fallback: [second]";
        return Daemon.in(home)
                .config("""
                http: { port: 0 }
                models:
                  main: { plugin: anthropic, endpoint: "%s", apiKey: k, timeoutSeconds: %d }
                %sagent: { model: main%s }
                plugins:
                  - { name: http, url: "%s", secret: "%s", timeoutSeconds: 60 }
                buffer: { batchWindowMs: 20 }
                """.formatted(model.endpoint(), patience, moreModels, fallback, platform.uri(), SECRET));
    }

    private Cli.Result chat(String text) throws IOException, InterruptedException {
        Cli.Result result = Cli.run(home, "chat", text);
        assertThat(result.exit()).as(text + ": " + result.err()).isZero();
        return result;
    }

    private static void say(Daemon daemon, String conversation, String text) throws IOException {
        daemon.call("channel.receive", Map.of("conversation", conversation, "text", text));
    }

    private static HttpResponse<String> post(Daemon daemon, String id, String conversation, String text)
            throws IOException, InterruptedException {
        String body = "{\"id\":\"" + id + "\",\"conversation\":\"" + conversation + "\",\"sender\":\"ann\",\"text\":\""
                + text + "\"}";
        String signature = GithubDeliveries.signature(SECRET, body.getBytes(StandardCharsets.UTF_8));
        return daemon.post("/channel/http", body, "X-Koshi-Signature-256", signature);
    }

    private static int stop(Daemon daemon) {
        try {
            return daemon.stop();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode completed(EventLog events, String sessionKey) {
        return events.await(
                "run.completed", run -> run.path("sessionKey").asText().equals(sessionKey));
    }

    private static List<String> topics(EventLog events) {
        return events.frames().stream()
                .map(frame -> frame.path("event").asText())
                .toList();
    }

    private static List<Integer> attempts(EventLog events) {
        return events.payloads("run.started").stream()
                .map(run -> run.path("attempt").asInt())
                .toList();
    }

    private static String words(List<JsonNode> deltas) {
        return deltas.stream().map(delta -> delta.path("delta").asText()).collect(Collectors.joining());
    }

    private List<String> texts() {
        return platform.posts().stream().map(Post::text).toList();
    }
}
