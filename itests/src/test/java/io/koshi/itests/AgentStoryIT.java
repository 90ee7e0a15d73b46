package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator that gives work out, and what becomes of it, in the real daemon. */
@Timeout(300)
class AgentStoryIT {
    @TempDir
    Path home;

    private FakeModel model;

    @BeforeEach
    void open() throws Exception {
        model = new FakeModel();
    }

    @AfterEach
    void close() {
        model.close();
    }

    private Daemon daemon(String whenBusy) throws Exception {
        return Daemon.in(home).config("""
                http: { port: 0 }
                models:
                  main: { plugin: anthropic, endpoint: "%s", apiKey: k, price: { input: 1000000, output: 0 } }
                agent: { model: main, whenBusy: %s }
                buffer: { batchWindowMs: 20 }
                """.formatted(model.endpoint(), whenBusy));
    }

    @Test
    void givesWorkOutOverTheSocketAndTellsTheConversation() throws Exception {
        model.then(FakeModel.says("the work is done"), FakeModel.says("It is done, ann."));
        try (Daemon daemon = daemon("wait").start();
                EventLog events = EventLog.of(daemon, "run.*", "console.*", "task.*")) {
            JsonNode given = daemon.call(
                    "agent.spawn",
                    Map.of(
                            "task",
                            "do it",
                            "sessionKey",
                            "console:main",
                            "channel",
                            "console",
                            "context",
                            "carefully"));

            JsonNode reply = events.await("console.reply", any -> true);
            assertThat(reply.path("text").asText()).isEqualTo("It is done, ann.");
            JsonNode started = events.await("run.started", any -> true);
            assertThat(started.path("taskId").asText())
                    .isEqualTo(given.path("taskId").asText());
            events.await("task.done", any -> true);
            assertThat(FakeModel.lastWords(model.requests().get(0))).isEqualTo("do it\n\nWhat is known:\ncarefully");
            assertThat(model.requests().get(1).toString()).contains("UNTRUSTED CONTENT BEGIN", "the work is done");
            JsonNode result = daemon.call(
                            "agent.results",
                            Map.of("taskId", given.path("taskId").asText()))
                    .path("results")
                    .get(0);
            assertThat(result.path("output").asText()).isEqualTo("the work is done");
            assertThat(result.path("processed").asBoolean()).isTrue();
            assertThat(daemon.call("usage.summary", Map.of("by", "skill"))
                            .path("cost")
                            .asDouble())
                    .isEqualTo(14);

            assertThat(daemon.call("agent.abort", Map.of("runId", "nobody"))
                            .path("aborted")
                            .asBoolean())
                    .isFalse();
            await().until(() ->
                    daemon.call("agent.status", Map.of()).path("activeRuns").isEmpty());
            daemon.call("session.send", Map.of("sessionKey", "console:main", "content", "hello"));
            events.await("console.reply", said -> said.path("text").asText().equals("You said: hello"));
            assertThatThrownBy(() -> daemon.call("session.create", Map.of("sessionKey", "console:main")))
                    .hasMessageContaining("already exists");
            assertThat(daemon.call("agent.register", Map.of("agentId", "a1", "capabilities", List.of("chat")))
                            .path("agent")
                            .path("agentId")
                            .asText())
                    .isEqualTo("a1");

            Cli.Result prompt = Cli.run(home, "agent", "prompt", "who are you?");
            assertThat(prompt.exit()).as(prompt.err()).isZero();
            assertThat(prompt.out()).contains("You are Koshi", "spawn_agent", "narrative_search");
            assertThat(prompt.out().substring(0, prompt.out().indexOf("\n-- ")).getBytes(StandardCharsets.UTF_8))
                    .hasSizeLessThan(2048);
            assertThat(Cli.run(home, "usage").out()).contains("runs", "main");
            assertThat(Cli.run(home, "agent", "list").out()).contains("done");
            assertThat(Cli.run(home, "session", "list").out()).contains("subagent");
        }
    }

    @Test
    void workIsFinishedAndToldAfterAKill() throws Exception {
        model.then(model.staysSilent());
        try (Daemon daemon = daemon("wait").start()) {
            JsonNode given = daemon.call("agent.spawn", Map.of("task", "do it", "sessionKey", "console:main"));
            await().until(() -> model.requests().size() == 1);
            daemon.kill();
            model.then(FakeModel.says("done after all"));
            daemon.restart();

            await().until(() -> daemon.call("agent.results", Map.of("sessionKey", "console:main"))
                    .path("results")
                    .path(0)
                    .path("processed")
                    .asBoolean());
            assertThat(daemon.call(
                                    "task.get",
                                    Map.of("taskId", given.path("taskId").asText()))
                            .path("status")
                            .asText())
                    .isEqualTo("done");
            assertThat(model.requests()).hasSize(3);
            assertThat(model.requests().get(2).toString()).contains("done after all");
        }
    }

    @Test
    void aNewerMessageTakesTheRunsPlace() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        model.then(FakeModel.saysSlowly("I was about to", never));
        try (Daemon daemon = daemon("interrupt").start();
                EventLog events = EventLog.of(daemon, "run.*")) {
            daemon.call("channel.receive", Map.of("text", "first"));
            await().until(() -> events.payloads("run.delta").stream()
                    .map(delta -> delta.path("delta").asText())
                    .collect(Collectors.joining())
                    .startsWith("I was"));
            daemon.call("channel.receive", Map.of("text", "second"));

            JsonNode cancelled =
                    events.await("run.completed", run -> !run.path("success").asBoolean());
            assertThat(cancelled.path("status").asText()).isEqualTo("cancelled");
            assertThat(cancelled.path("response").asText()).startsWith("I was");
            JsonNode done =
                    events.await("run.completed", run -> run.path("success").asBoolean());
            assertThat(done.path("response").asText()).endsWith("second");
            assertThat(daemon.call("session.history", Map.of("sessionKey", "console:main"))
                            .toString())
                    .contains("I was", "a newer message");
            assertThat(Files.readString(home.resolve("koshi.yaml"))).contains("interrupt");
            never.countDown();
        }
    }
}
