package io.koshi.agent.internal;

import static io.koshi.agent.internal.ScriptedModel.say;
import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Trust;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelAnswer.Stop;
import io.koshi.model.ModelMessage;
import io.koshi.model.Usage;
import io.koshi.testkit.BlockedCall;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class TurnRoomTest {
    private static final KoshiException BUSY = new KoshiException(ErrorCode.OVERLOADED, "busy");
    private static final KoshiException WRONG_KEY = new KoshiException(ErrorCode.UNAUTHORIZED, "bad key sk-123");

    @TempDir
    Path folder;

    private Hall hall;

    private Hall hall() {
        return hall(Map.of());
    }

    private Hall hall(Map<String, Object> yaml) {
        hall = new Hall(folder, yaml, store -> store);
        return hall;
    }

    @AfterEach
    void close() {
        if (hall != null) {
            hall.close();
        }
    }

    @Test
    void endsATurnWithTranscriptReplyAndMessagesInOneCommit() {
        hall().main.says("Good ", "morning.");

        String run = hall.ask("ann", "hello", "m1", "m2");
        Map<String, Object> end = hall.ended(run);

        assertThat(hall.transcript("chat:ann")).containsExactly("user: hello", "assistant: Good morning.");
        assertThat(hall.around.sent)
                .containsExactly(new Neighbours.Sent(Hall.CHAT, "Good morning.", Optional.of("m2")));
        assertThat(hall.around.done).containsExactly("m1", "m2");
        assertThat(hall.state(run)).isEqualTo("done");
        assertThat(end)
                .containsEntry("sessionKey", "chat:ann")
                .containsEntry("response", "Good morning.")
                .containsEntry("success", true)
                .containsEntry("status", "done")
                .containsKeys("usage", "durationMs")
                .doesNotContainKey("error");
        assertThat(hall.story(run)).containsExactly("run.started", "run.delta", "run.delta", "run.completed");
        assertThat(hall.payloads("run.delta", run))
                .extracting(p -> p.get("index"))
                .containsExactly(0L, 1L);
        assertThat(hall.payloads("run.started", run).get(0))
                .containsEntry("messageIds", List.of("m1", "m2"))
                .containsEntry("model", "main")
                .containsEntry("attempt", 1L);
    }

    @Test
    void givesTheModelWhatWasSaidBefore() {
        hall().main.says("one").says("two");
        hall.ended(hall.ask("ann", "first"));

        hall.ended(hall.ask("ann", "second"));

        assertThat(hall.main.requests.get(1).messages())
                .containsExactly(
                        ModelMessage.User.of("first"),
                        new ModelMessage.Assistant("one", List.of()),
                        ModelMessage.User.of("second"));
        assertThat(hall.main.requests.get(1).stablePrefix()).isEqualTo(1);
        assertThat(hall.main.requests.get(1).system())
                .contains("You are Koshi")
                .contains("chat:ann")
                .hasSizeLessThan(2048);
    }

    @Test
    void runsOneTurnOfASessionAtATimeInOrderAndSessionsInParallel() throws Exception {
        hall(Map.of("agents", Map.of("maxConcurrent", 4)));
        AtomicInteger on = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Map<String, AtomicInteger> onIn = new java.util.concurrent.ConcurrentHashMap<>();
        List<String> faults = Collections.synchronizedList(new ArrayList<>());
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        List<String> runs = new ArrayList<>();
        int sessions = 5;
        int each = 8;
        for (int i = 0; i < sessions * each; i++) {
            hall.main.then((request, out) -> {
                most.accumulateAndGet(on.incrementAndGet(), Math::max);
                AtomicInteger here = onIn.computeIfAbsent(request.sessionKey(), k -> new AtomicInteger());
                if (here.incrementAndGet() > 1) {
                    faults.add(request.sessionKey());
                }
                String words = ScriptedModel.lastWords(request);
                order.add(request.sessionKey() + " " + words);
                Thread.yield();
                here.decrementAndGet();
                on.decrementAndGet();
                return say(out, words);
            });
        }
        for (int turn = 0; turn < each; turn++) {
            for (int session = 0; session < sessions; session++) {
                runs.add(hall.ask("s" + session, "turn " + turn));
            }
        }
        runs.forEach(hall::ended);

        assertThat(faults).isEmpty();
        assertThat(most.get()).isLessThanOrEqualTo(4);
        for (int session = 0; session < sessions; session++) {
            String key = "chat:s" + session;
            assertThat(order.stream().filter(line -> line.startsWith(key)))
                    .containsExactlyElementsOf(java.util.stream.IntStream.range(0, each)
                            .mapToObj(turn -> key + " turn " + turn)
                            .toList());
        }
    }

    @Test
    void letsAPersonGoBeforeANotification() throws Exception {
        hall(Map.of("agents", Map.of("maxConcurrent", 1)));
        CountDownLatch go = new CountDownLatch(1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        hall.main.then((request, out) -> {
            go.await();
            return say(out, "first");
        });
        hall.ask("a", "holds the place");
        hall.until(() -> hall.main.requests.size() == 1);
        for (int priority : List.of(Message.NOTIFICATION, Message.WEBHOOK, Message.PERSON)) {
            hall.main.then((request, out) -> {
                order.add(ScriptedModel.lastWords(request));
                return say(out, "x");
            });
            hall.ask(new Ask(
                    "p" + priority,
                    Optional.empty(),
                    List.of(),
                    "p" + priority,
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    priority,
                    Trust.HIGH));
        }
        go.countDown();
        hall.until(() -> order.size() == 3);

        assertThat(order).containsExactly("p10", "p50", "p100");
    }

    @Test
    void triesAgainAfterAFailureThatMayPassAndCountsDeltasAnew() {
        hall().main.fails(BUSY).fails(BUSY).says("at last");

        String run = hall.ask("ann", "hello", "m1");
        Map<String, Object> end = hall.ended(run);

        assertThat(end).containsEntry("response", "at last").containsEntry("success", true);
        assertThat(hall.story(run))
                .containsExactly(
                        "run.started",
                        "run.delta",
                        "run.failed",
                        "run.started",
                        "run.delta",
                        "run.failed",
                        "run.started",
                        "run.delta",
                        "run.completed");
        assertThat(hall.payloads("run.delta", run))
                .extracting(p -> p.get("index"))
                .containsExactly(0L, 0L, 0L);
        assertThat(hall.payloads("run.started", run))
                .extracting(p -> p.get("attempt"))
                .containsExactly(1L, 2L, 3L);
        assertThat(hall.payloads("run.failed", run))
                .extracting(p -> p.get("willRetry"))
                .containsExactly(true, true);
        assertThat(hall.around.said()).containsExactly("at last");
    }

    @Test
    void tellsThePersonWhenNothingIsLeftToTry() {
        hall().main.fails(BUSY).fails(BUSY).fails(BUSY);

        String run = hall.ask("ann", "hello", "m1");
        Map<String, Object> end = hall.ended(run);

        String sorry = "I lost my train of thought — the model has too much to do right now; say it again to retry.";
        assertThat(end)
                .containsEntry("status", "failed")
                .containsEntry("success", false)
                .containsEntry("response", "");
        assertThat(hall.around.said()).containsExactly(sorry);
        assertThat(hall.around.done).containsExactly("m1");
        assertThat(hall.transcript("chat:ann")).containsExactly("user: hello", "assistant: " + sorry);
        assertThat(hall.state(run)).isEqualTo("failed");
        assertThat(hall.story(run)).endsWith("run.failed", "run.completed");
        assertThat(hall.payloads("run.failed", run).get(2)).containsEntry("willRetry", false);
        assertThat(hall.room.newest("message.failed"))
                .containsEntry("id", "m1")
                .containsEntry("channel", "chat")
                .containsEntry("stage", "run")
                .containsEntry("final", true)
                .containsEntry("error", Map.of("code", "OVERLOADED", "message", "busy"));
    }

    @Test
    void failsAtOnceOnWhatCannotPassAndShowsNothingFromInside() {
        hall().main.fails(WRONG_KEY);

        hall.ended(hall.ask("ann", "hello"));

        assertThat(hall.main.requests).hasSize(1);
        assertThat(hall.around.said().get(0)).contains("refused the hub's key").doesNotContain("sk-123");
    }

    @Test
    void asksTheFallbacksInOrderWhenTheFirstModelFails() {
        hall(Map.of("agent", Map.of("model", "main", "fallback", List.of("spare"))));
        ScriptedModel spare = new ScriptedModel().says("from the spare");
        hall.models.put("spare", spare);
        hall.main.fails(WRONG_KEY);

        String run = hall.ask("ann", "hello");

        assertThat(hall.ended(run)).containsEntry("response", "from the spare");
        assertThat(hall.payloads("run.started", run))
                .extracting(p -> p.get("model"))
                .containsExactly("main", "spare");
    }

    @Test
    void survivesAModelThatBreaks() {
        hall().main.then((request, out) -> {
            throw new StackOverflowError();
        });

        assertThat(hall.ended(hall.ask("ann", "one"))).containsEntry("status", "failed");
        assertThat(hall.ended(hall.ask("ann", "two"))).containsEntry("status", "done");
    }

    @Test
    void takesSilenceForAFailureThatMayPass() {
        hall().main.says("  ").says("words");

        assertThat(hall.ended(hall.ask("ann", "hello"))).containsEntry("response", "words");
    }

    @Test
    void endsARunThatTakesTooLongEvenWhenItsModelDoesNotListen() throws Exception {
        hall(Map.of("agents", Map.of("defaultTimeout", 1)));
        CountDownLatch over = new CountDownLatch(1);
        hall.main.then((request, out) -> {
            while (over.getCount() > 0) {
                try {
                    over.await();
                } catch (InterruptedException deaf) {
                    continue;
                }
            }
            return say(out, "too late");
        });

        String run = hall.ask("ann", "hello");
        Map<String, Object> end = hall.ended(run);
        hall.configure(Map.of()); // the next has all the time it needs
        assertThat(hall.ended(hall.ask("ann", "next"))).containsEntry("status", "done");
        over.countDown();

        assertThat(end).containsEntry("status", "failed");
        assertThat(hall.around.said().get(0)).contains("it took too long");
        assertThat(hall.payloads("run.completed", run)).hasSize(1);
        assertThat(hall.transcript("chat:ann")).doesNotContain("assistant: too late");
    }

    @Test
    void callsOffWhatRunsAndWhatWaits() throws Exception {
        hall().main.then((request, out) -> {
            new CountDownLatch(1).await();
            return say(out, "never");
        });
        String running = hall.ask("ann", "one", "m1");
        String waiting = hall.ask("ann", "two", "m2");
        hall.until(() -> hall.main.requests.size() == 1);

        assertThat(hall.agent.abort(waiting)).isTrue();
        assertThat(hall.agent.abort(running)).isTrue();

        assertThat(hall.ended(running)).containsEntry("status", "cancelled").containsEntry("success", false);
        assertThat(hall.ended(waiting)).containsEntry("status", "cancelled");
        assertThat(hall.around.done).containsExactlyInAnyOrder("m1", "m2");
        assertThat(hall.around.sent).isEmpty();
        assertThat(hall.agent.abort(running)).isFalse();
        assertThat(hall.agent.abort("nothing")).isFalse();
    }

    @Test
    void goesOnAfterAKillWithAnotherAttemptAndLosesNothing() throws Exception {
        Hall before = new Hall(folder);
        CountDownLatch on = new CountDownLatch(1);
        before.main.then((request, out) -> {
            on.countDown();
            new CountDownLatch(1).await();
            return say(out, "never");
        });
        String cut = before.ask("ann", "one", "m1");
        assertThat(on.await(60, TimeUnit.SECONDS)).isTrue();
        String waiting = before.ask("ann", "two", "m2");
        before.kill();

        hall();
        hall.ended(cut);
        hall.ended(waiting);

        assertThat(hall.around.said()).containsExactly("you said one", "you said two");
        assertThat(hall.around.done).containsExactly("m1", "m2");
        assertThat(hall.payloads("run.started", cut).get(0)).containsEntry("attempt", 2L);
        assertThat(hall.transcript("chat:ann"))
                .containsExactly("user: one", "assistant: you said one", "user: two", "assistant: you said two");
    }

    @Test
    void givesUpAndSaysSoWhenThreeAttemptsWereCutOff() throws Exception {
        String run = null;
        for (int attempt = 1; attempt <= 3; attempt++) {
            CountDownLatch on = new CountDownLatch(1);
            Hall before = new Hall(folder, Map.of(), store -> store, Hall.PATIENT, opened -> {
                opened.main.then((request, out) -> {
                    on.countDown();
                    new CountDownLatch(1).await();
                    return say(out, "never");
                });
                opened.models.put("main", opened.main); // the turn of the attempt before begins now
            });
            if (attempt == 1) {
                run = before.ask("ann", "poison", "m1");
            }
            assertThat(on.await(60, TimeUnit.SECONDS)).isTrue();
            before.kill();
        }

        hall();

        assertThat(hall.ended(run)).containsEntry("status", "failed");
        assertThat(hall.around.said()).singleElement().asString().contains("I lost my train of thought");
        assertThat(hall.around.done).containsExactly("m1");
        assertThat(hall.main.requests).isEmpty();
    }

    @Test
    void parksWhatDoesNotFinishInTimeAndTakesItUpAsIfNothingHadBeen() throws Exception {
        Hall before = new Hall(folder);
        before.main.then((request, out) -> {
            new CountDownLatch(1).await();
            return say(out, "never");
        });
        String run = before.ask("ann", "one", "m1");
        before.until(() -> before.main.requests.size() == 1);

        before.agent.drain(Duration.ofSeconds(10)); // a fifth of it is for parking
        assertThat(before.state(run)).isEqualTo("queued");
        assertThat(before.payloads("run.completed", run)).isEmpty();
        before.close();
        hall();

        assertThat(hall.ended(run)).containsEntry("response", "you said one");
        assertThat(hall.payloads("run.started", run).get(0)).containsEntry("attempt", 1L);
    }

    @Test
    void letsARunFinishWhileItDrainsAndStartsNoOther() throws Exception {
        hall();
        CountDownLatch go = new CountDownLatch(1);
        hall.main.then((request, out) -> {
            go.await();
            return say(out, "done in time");
        });
        String first = hall.ask("ann", "one");
        String second = hall.ask("ann", "two");
        hall.until(() -> hall.main.requests.size() == 1);

        BlockedCall drain = BlockedCall.begin(() -> hall.agent.drain(Duration.ofMinutes(5)));
        go.countDown();
        drain.end();

        assertThat(hall.state(first)).isEqualTo("done");
        assertThat(hall.state(second)).isEqualTo("queued");
    }

    @Test
    void waitsForAModelThatIsBeingReplacedWithoutUsingUpAttempts() {
        hall = new Hall(folder, Map.of(), store -> store, Hall.PATIENT, noModel -> {});
        String run = hall.ask("ann", "hello");
        hall.until(() -> hall.agent.turns().queued() == 1);

        hall.models.put("main", hall.main);

        assertThat(hall.ended(run)).containsEntry("success", true);
        assertThat(hall.payloads("run.started", run))
                .extracting(p -> p.get("attempt"))
                .containsExactly(1L);
    }

    @Test
    void saysSoWhenTheModelNeverComes() {
        hall = new Hall(folder, Map.of(), store -> store, Hall.QUICK, noModel -> {});

        assertThat(hall.ended(hall.ask("ann", "hello"))).containsEntry("status", "failed");
        assertThat(hall.around.said().get(0)).contains("could not be reached");
    }

    @Test
    void servesWithTheOfflineModelWhereNoneIsConfigured() {
        hall(Map.of("agent", Map.of()));
        hall.models.put("offline", new ScriptedModel().says("offline here"));

        assertThat(hall.ended(hall.ask("ann", "hello"))).containsEntry("response", "offline here");
    }

    @Test
    void keepsWhatTheModelSaidUntilTheStoreCanBeWritten() {
        AtomicInteger refusals = new AtomicInteger();
        hall = new Hall(folder, Map.of(), store -> new BalkyStore(store, refusals));
        hall.main.then((request, out) -> {
            refusals.set(3);
            return say(out, "precious");
        });

        assertThat(hall.ended(hall.ask("ann", "hello"))).containsEntry("response", "precious");
        assertThat(hall.main.requests).hasSize(1);
        assertThat(hall.around.said()).containsExactly("precious");
    }

    @Test
    void keepsAnswerThatWasCutByItsLengthAndFailsOnARefusal() {
        hall().main
                .then((request, out) -> new ModelAnswer("long", List.of(), Stop.LENGTH, Usage.NONE, "x"))
                .then((request, out) -> new ModelAnswer("", List.of(), Stop.REFUSED, Usage.NONE, "x"));

        assertThat((String) hall.ended(hall.ask("ann", "one")).get("response")).startsWith("long\n\n[cut off");
        assertThat(hall.ended(hall.ask("ann", "two"))).containsEntry("status", "failed");
    }

    @Test
    void forgetsTurnsThatEndedLongAgoAndNoOthers() {
        hall().main.says("x");
        String run = hall.ask("ann", "hello", "m1");
        hall.ended(run);

        assertThat(hall.agent.turns().forget(Duration.ofDays(1))).isZero();
        assertThat(hall.agent.turns().forget(Duration.ofSeconds(-1))).isEqualTo(1);
        assertThat(hall.agent.turns().one(run)).isEmpty();
    }

    @Test
    void tracesAMessageThroughItsRun() {
        hall().main.fails(BUSY).says("x");
        String run = hall.ask("ann", "hello", "m1");
        hall.ended(run);
        AgentTrace trace = new AgentTrace(hall.room.sqlite, hall.agent);

        assertThat(trace.resolve(run)).containsExactly("m1");
        assertThat(trace.hops("m1")).extracting(hop -> hop.hop()).containsExactly("run", "failed");
        assertThat(trace.hops("m1").get(0).attempt()).isEqualTo(2);
        assertThat(trace.hops("m1").get(0).detail()).isEqualTo("done with main");
    }

    @Test
    void answersWhereTheAskSaysAndNowhereElse() {
        hall().main.says("quiet");
        hall.ended(hall.ask(Ask.of("side", "hello")));
        assertThat(hall.around.sent).isEmpty();
        assertThat(hall.transcript("side")).hasSize(2);
        assertThat(Address.of("chat", "ann")).isEqualTo(Hall.CHAT);
    }
}
