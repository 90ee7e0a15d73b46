package io.koshi.agent.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.agent.internal.AgentMethods.RunParams;
import io.koshi.api.Address;
import io.koshi.api.Batch;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Problem;
import io.koshi.api.Trust;
import io.koshi.api.Ulid;
import io.koshi.config.Config;
import io.koshi.router.Action.Outcome;
import io.koshi.rpc.Caller;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ActionsTest {
    @TempDir
    Path folder;

    private Hall hall;

    @BeforeEach
    void open() {
        hall = new Hall(folder);
    }

    @AfterEach
    void close() {
        hall.close();
    }

    @Test
    void makesOneTurnOfABatchAndNamesItsSenders() {
        ForwardAction forward = new ForwardAction(hall.agent, hall.sessions, hall.room.codec);
        Batch batch = batch(
                message("ann", "shall we?").withTrust(Trust.HIGH),
                message("bob", "yes").withTrust(Trust.LOW));

        Outcome outcome = hall.room.sqlite.writeNow(tx -> forward.apply(tx, batch, "main"));
        hall.until(() -> hall.around.done.size() == 2);
        hall.room.quiet();

        assertThat(outcome).isEqualTo(Outcome.OPEN);
        assertThat(ScriptedModel.lastWords(hall.main.requests.get(0))).isEqualTo("ann: shall we?\nbob: yes");
        assertThat(hall.main.requests.get(0).trust()).isEqualTo(Trust.LOW);
        assertThat(hall.around.sent)
                .singleElement()
                .satisfies(sent -> assertThat(sent.to()).isEqualTo(Hall.CHAT));
        assertThat(forward.check("main")).isEmpty();
        assertThat(forward.check(7L)).isNotEmpty();
    }

    @Test
    void showsTheDataOfAnEventWithoutWords() {
        ForwardAction forward = new ForwardAction(hall.agent, hall.sessions, hall.room.codec);

        hall.room.sqlite.writeNow(tx ->
                forward.apply(tx, batch(message("gh", "").withFields(Map.of("action", "opened"))), "spare"));
        hall.models.put("spare", hall.main);
        hall.until(() -> hall.main.requests.size() == 1);

        assertThat(ScriptedModel.lastWords(hall.main.requests.get(0)))
                .isEqualTo("[event from chat:ann]\n{\"action\":\"opened\"}");
    }

    @Test
    void spawnsARunOfItsOwnThatEndsItsTaskInSilence() {
        String taskId = spawn(Map.of("skill", "review", "task", "Look at it"));
        hall.until(() -> task(taskId, "done"));
        hall.room.quiet();

        assertThat(ScriptedModel.lastWords(hall.main.requests.get(0)))
                .startsWith("Look at it")
                .endsWith("the change");
        assertThat(hall.around.sent).isEmpty();
        assertThat(hall.around.done).containsExactly("m0");
        assertThat(hall.transcript("spawn:" + taskId)).hasSize(2);
        assertThat(hall.room.topics()).contains("task.queued", "task.leased", "task.done");
    }

    @Test
    void tellsTheOwnerWhenASpawnedRunFailsAndNeverCallsItDone() {
        hall.main.fails(new KoshiException(ErrorCode.UNAUTHORIZED, "no"));
        String taskId = spawn(Map.of("task", "Look at it"));
        hall.until(() -> task(taskId, "failed"));
        hall.room.quiet();

        assertThat(hall.around.sent).singleElement().satisfies(sent -> {
            assertThat(sent.to()).isEqualTo(Address.of("console", "main"));
            assertThat(sent.text()).contains(taskId).contains("failed");
        });
        assertThat(hall.transcript("console:main")).singleElement().asString().startsWith("system: Task");
        assertThat(hall.room.topics()).contains("task.failed").doesNotContain("task.done");
    }

    @Test
    void leavesATaskToAWorkerWhenItShallNotRunByItself() {
        String taskId = spawn(Map.of("task", "Later", "autoRun", false));

        assertThat(task(taskId, "queued")).isTrue();
        assertThat(hall.main.requests).isEmpty();
    }

    @Test
    void answersARunWhenItHasEndedAndAlsoOnAChannel() throws Exception {
        AgentMethods methods = new AgentMethods(hall.agent, hall.room.sqlite, hall.room, hall.models, hall.blobs());
        var ended = methods.run(
                        new RunParams(
                                "chat:ann",
                                "hello",
                                Optional.empty(),
                                List.of(),
                                Optional.of("other"),
                                Optional.empty()),
                        Caller.admin("socket"))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);

        assertThat(ended.response()).isEqualTo("you said hello");
        assertThat(ended.success()).isTrue();
        hall.room.quiet();
        assertThat(hall.around.sent.get(0).to()).isEqualTo(Address.of("other", "ann"));
        assertThat(methods.status(new AgentMethods.StatusParams(Optional.of(ended.runId()), Optional.empty()))
                        .runs())
                .singleElement()
                .satisfies(run -> assertThat(run.status()).isEqualTo("done"));
        assertThat(methods.list(new AgentMethods.ListParams(Optional.empty(), 10, Optional.empty()))
                        .runs())
                .hasSize(1);
    }

    @Test
    void runsUnderTheIdThatTheAskerChoseOnce() throws Exception {
        AgentMethods methods = new AgentMethods(hall.agent, hall.room.sqlite, hall.room, hall.models, hall.blobs());
        String runId = Ulid.next();
        var ended = methods.run(chosen(runId), Caller.admin("socket")).toCompletableFuture();
        assertThat(ended.get(30, TimeUnit.SECONDS).runId()).isEqualTo(runId);

        assertThatThrownBy(() -> methods.run(chosen(runId), Caller.admin("socket"))
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(KoshiException.class)
                .hasMessageContaining("a run " + runId + " already");
        assertThatThrownBy(() -> methods.run(chosen("x".repeat(26)), Caller.admin("socket")))
                .isInstanceOf(KoshiException.class)
                .hasMessageContaining("/runId");
    }

    private static RunParams chosen(String runId) {
        return new RunParams("chat:ann", "hello", Optional.empty(), List.of(), Optional.empty(), Optional.of(runId));
    }

    @Test
    void namesEveryModelThatIsNotConfigured() {
        Config config = hall.room.codec.fromData(
                Map.of(
                        "models", Map.of("main", Map.of("plugin", "x")),
                        "agent", Map.of("model", "mian", "fallback", List.of("main", "nobody")),
                        "routes",
                                List.of(
                                        Map.of("action", Map.of("forward", "main-agent")),
                                        Map.of(
                                                "action",
                                                List.of(Map.of("spawn", Map.of("task", "x", "model", "gone")))))),
                Config.class);

        assertThat(new AgentCheck().check(config))
                .extracting(Problem::path)
                .containsExactly("/agent/model", "/agent/fallback/1", "/routes/1/action/0/spawn/model");
    }

    @Test
    void saysWhatIsWrongWithAPriceAndWithTheModelOfSpecialists() {
        Config config = hall.room.codec.fromData(
                Map.of(
                        "models",
                                Map.of(
                                        "a", Map.of("plugin", "x", "price", Map.of("input", 3L, "output", 15.5)),
                                        "b", Map.of("plugin", "x", "price", 3L),
                                        "c", Map.of("plugin", "x", "price", Map.of("inputs", 3L)),
                                        "d", Map.of("plugin", "x", "price", Map.of("input", -1L))),
                        "agent", Map.of("model", "a", "subAgentModel", "gone")),
                Config.class);

        assertThat(new AgentCheck().check(config))
                .extracting(Problem::path)
                .containsExactlyInAnyOrder(
                        "/agent/subAgentModel", "/models/b/price", "/models/c/price", "/models/d/price");
    }

    private String spawn(Map<String, Object> argument) {
        SpawnAction spawn = new SpawnAction(hall.agent, hall.tasks, hall.room.codec);
        assertThat(spawn.check(argument)).isEmpty();
        hall.room.sqlite.writeNow(tx -> spawn.apply(tx, batch(message("gh", "the change")), argument));
        return (String) hall.room.newest("task.queued").get("taskId");
    }

    private boolean task(String taskId, String status) {
        return hall.room
                .sqlite
                .read(tx -> tx.first("SELECT status FROM task WHERE id = ?", row -> row.text("status"), taskId))
                .filter(status::equals)
                .isPresent();
    }

    private static Message message(String sender, String text) {
        return Message.of(Hall.CHAT, text).withSender(sender);
    }

    private static Batch batch(Message... messages) {
        List<Entry> entries = new java.util.ArrayList<>();
        for (Message message : messages) {
            entries.add(new Entry("m" + entries.size(), entries.size(), message, Instant.now()));
        }
        return new Batch("b", Hall.CHAT, entries);
    }
}
