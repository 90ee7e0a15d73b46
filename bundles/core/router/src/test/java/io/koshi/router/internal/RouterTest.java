package io.koshi.router.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.koshi.api.Address;
import io.koshi.api.Batch;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Problem;
import io.koshi.api.Trust;
import io.koshi.buffer.Buffer;
import io.koshi.router.Action;
import io.koshi.store.Tx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RouterTest {
    @TempDir
    Path data;

    private RouterRig rig;
    private long entries;

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private void rules(Object... routes) {
        rig = new RouterRig(data, List.of(routes));
        rig.plugins.settle();
    }

    private Batch batch(String channel, String conversation, Object... fields) {
        List<Entry> list = new ArrayList<>();
        for (Object field : fields) {
            Message message = Message.of(Address.of(channel, conversation), "text " + field)
                    .withFields(Map.of("event", String.valueOf(field), "number", 40L + list.size()));
            entries++;
            list.add(new Entry("id" + entries, entries, message, message.at()));
        }
        return new Batch("batch-" + conversation, Address.of(channel, conversation), list);
    }

    /** An action that remembers what it was given in a table, so that a lost commit shows. */
    private final class Remembering implements Action {
        final Outcome outcome;
        final List<Batch> batches = new CopyOnWriteArrayList<>();
        final List<Object> arguments = new CopyOnWriteArrayList<>();

        final boolean perMessage;

        Remembering(Outcome outcome) {
            this(outcome, false);
        }

        Remembering(Outcome outcome, boolean perMessage) {
            this.outcome = outcome;
            this.perMessage = perMessage;
        }

        @Override
        public boolean perMessage() {
            return perMessage;
        }

        @Override
        public List<Problem> check(Object argument) {
            return argument instanceof Map || perMessage ? List.of() : List.of(new Problem("/skill", "name a skill"));
        }

        @Override
        public Outcome apply(Tx tx, Batch batch, Object argument) {
            tx.update("INSERT INTO done_by_actions (batch) VALUES (?)", batch.id());
            batches.add(batch);
            arguments.add(argument);
            return outcome;
        }
    }

    @Test
    void fiveDeliveriesForOnePullRequestInTheWindowMakeOneSpawn() throws Exception {
        rules(Map.of(
                "match", Map.of("event", "pr*"),
                "action",
                        Map.of("spawn", Map.of("template", "code-review", "task", "Review #{{number}} ({{count}}x)"))));
        Remembering spawn = new Remembering(Action.Outcome.OPEN);
        rig.actions.put("spawn", spawn);
        rig.router.route(List.of(batch("github", "acme/app#7", "pr", "pr", "pr1", "pr", "pr2")));
        assertThat(spawn.arguments).containsExactly(Map.of("skill", "code-review", "task", "Review #40 (5x)"));
        assertThat(spawn.batches.get(0).entries()).hasSize(5);
        assertThat(rig.buffer.calls).containsExactly("routed [1, 2, 3, 4, 5] #1");
        await().until(() -> rig.told("message.routed").size() == 1);
        assertThat(rig.told("message.routed").get(0).toString())
                .isEqualTo("{batch=batch-acme/app#7, ids=[id1, id2, id3, id4, id5], channel=github,"
                        + " conversation=acme/app#7, sessionKey=github:acme/app#7, rule=#1, actions=[spawn]}");
    }

    @Test
    void anActionForWhichEachMessageCountsLosesNoneOfABatchAndRepeatsNothing() throws Exception {
        rules(Map.of("action", Map.of("reply", "about {{event}}")));
        Remembering reply = new Remembering(Action.Outcome.DONE, true);
        rig.actions.put("reply", reply);
        rig.router.route(List.of(batch("http", "c", "a", "b", "b", "a")));
        assertThat(reply.arguments).containsExactly("about a", "about b", "about a");
        assertThat(reply.batches)
                .extracting(Batch::ids)
                .containsExactly(List.of("id1"), List.of("id2", "id3"), List.of("id4"));
        assertThat(rig.buffer.calls).containsExactly("done [1, 2, 3, 4] #1");
    }

    @Test
    void neighboursWithOneDecisionShareABatchAndOrderIsKept() throws Exception {
        rules(
                Map.of("name", "a", "match", Map.of("event", "a"), "action", Map.of("task", Map.of())),
                Map.of("name", "b", "match", Map.of("event", "b"), "action", Map.of("drop", true)));
        Remembering task = new Remembering(Action.Outcome.DONE);
        rig.actions.put("task", task);
        rig.router.route(List.of(batch("x", "c", "a", "a", "b", "a")));
        assertThat(task.batches).extracting(b -> b.entries().size()).containsExactly(2, 1);
        assertThat(task.batches.get(0).id())
                .isEqualTo("batch-c")
                .isNotEqualTo(task.batches.get(1).id());
        assertThat(rig.buffer.calls).containsExactly("done [1, 2] a", "done [4] a", "dropped [3] b: rule b drops it");
        await().until(() -> rig.told("message.dropped").size() == 1
                && rig.told("message.routed").size() == 2);
        assertThat(rig.told("message.dropped").get(0))
                .hasToString("{id=id3, channel=x, conversation=c, rule=b, reason=rule b drops it}");
    }

    @Test
    void whatNoRuleMatchesIsForwardedToTheMainAgent() throws Exception {
        rules();
        Remembering forward = new Remembering(Action.Outcome.OPEN);
        rig.actions.put("forward", forward);
        rig.router.route(List.of(batch("x", "c", "a")));
        assertThat(forward.arguments).containsExactly("main");
        assertThat(rig.buffer.calls).containsExactly("routed [1] default");
    }

    @Test
    void aBatchWhoseRoomIsAwayWaitsAndTheOthersAreRouted() {
        rules(
                Map.of("match", Map.of("event", "a"), "action", Map.of("spawn", Map.of("skill", "x"))),
                Map.of("match", Map.of(), "action", "drop"));
        Buffer.Unrouted left = catchThrowableOfType(
                Buffer.Unrouted.class, () -> rig.router.route(List.of(batch("x", "1", "a"), batch("x", "2", "b"))));
        assertThat(left.reasons().keySet()).containsExactly("batch-1");
        assertThat(left.reasons().get("batch-1").code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
        assertThat(left.reasons().get("batch-1")).hasMessageContaining("'spawn'");
        assertThat(rig.buffer.calls).containsExactly("dropped [2] #2: rule #2 drops it");
    }

    @Test
    void anActionThatFailsFailsItsOwnBatchAlone() {
        rules(Map.of("match", Map.of(), "action", List.of(Map.of("task", Map.of()), Map.of("send", Map.of()))));
        rig.actions.put("task", new Remembering(Action.Outcome.DONE));
        rig.actions.put("send", new Action() {
            @Override
            public List<Problem> check(Object argument) {
                return List.of();
            }

            @Override
            public Outcome apply(Tx tx, Batch batch, Object argument) {
                if (batch.from().conversation().equals("2")) {
                    throw KoshiException.invalid("/channel", "no such channel");
                }
                return Outcome.DONE;
            }
        });
        Buffer.Unrouted left = catchThrowableOfType(
                Buffer.Unrouted.class,
                () -> rig.router.route(List.of(batch("x", "1", "a"), batch("x", "2", "a"), batch("x", "3", "a"))));
        assertThat(left.reasons().keySet()).containsExactly("batch-2");
        assertThat(left.reasons().get("batch-2").code()).isEqualTo(ErrorCode.INVALID_PARAMS);
        assertThat(rig.inTable()).containsExactlyInAnyOrder("batch-1", "batch-3");
    }

    @Test
    void aRulesPriorityIsGivenToItsMessagesAndTheUrgentGoFirst() throws Exception {
        rules(
                Map.of("match", Map.of("event", "a"), "action", Map.of("task", Map.of()), "priority", 80),
                Map.of("match", Map.of("event", "b"), "action", Map.of("task", Map.of()), "priority", 5));
        Remembering task = new Remembering(Action.Outcome.DONE);
        rig.actions.put("task", task);
        rig.router.route(List.of(batch("x", "1", "a"), batch("x", "2", "b")));
        assertThat(task.batches).extracting(b -> b.first().message().priority()).containsExactly(5, 80);
    }

    @Test
    void takesNothingBeforeTheRoomsThatItsRulesNameAreThere() {
        rules(Map.of("match", Map.of(), "action", Map.of("spawn", Map.of("skill", "x"))));
        assertThat(rig.buffer.sink).isNull();
        rig.actions.put("spawn", new Remembering(Action.Outcome.OPEN));
        assertThat(rig.buffer.sink)
                .as("forward is missing still, which the default needs")
                .isNull();
        rig.actions.put("forward", new Remembering(Action.Outcome.OPEN));
        assertThat(rig.buffer.sink).isNotNull();
    }

    @Test
    void takesNothingBeforeThePluginsAreThereOrHadTheirTime() {
        rig = new RouterRig(data, List.of());
        rig.actions.put("forward", new Remembering(Action.Outcome.OPEN));
        assertThat(rig.buffer.sink).isNull();
        rig.plugins.settle();
        assertThat(rig.buffer.sink).isNotNull();
    }

    @Test
    void aDrainClosesTheIntakeForGood() throws Exception {
        rules();
        rig.actions.put("forward", new Remembering(Action.Outcome.OPEN));
        assertThat(rig.buffer.sink).isNotNull();
        rig.router.drain(Duration.ofSeconds(10));
        assertThat(rig.buffer.sink).isNull();
        rig.actions.put("forward", new Remembering(Action.Outcome.OPEN));
        assertThat(rig.buffer.sink).isNull();
    }

    @Test
    void aChangedConfigurationIsFollowedWithoutARestart() throws Exception {
        rules(Map.of("match", Map.of(), "action", "drop"));
        rig.change(List.of(Map.of("name", "new", "match", Map.of(), "action", Map.of("drop", "not now"))));
        rig.router.route(List.of(batch("x", "c", "a")));
        assertThat(rig.buffer.calls).containsExactly("dropped [1] new: not now");
    }

    @Test
    void saysWhatIsWrongWithRulesAndWhere() {
        rules(
                Map.of("match", Map.of("text", Map.of("regex", "(a")), "action", "drop"),
                Map.of("match", Map.of("text", Map.of("gloob", "a")), "action", "drop"),
                Map.of("match", Map.of("any", List.of(Map.of("x..y", 1))), "action", "drop"),
                Map.of("match", Map.of("time", Map.of("from", "25:00", "zone", "Mars")), "action", "drop"),
                Map.of("match", Map.of("n", Map.of("lt", "many")), "action", Map.of("spawn", "x")),
                Map.of("match", Map.of(), "action", List.of(Map.of("drop", false), Map.of("spwan", Map.of()))),
                Map.of("match", Map.of(), "action", Map.of("task", Map.of("title", "x"))));
        rig.actions.put("spawn", new Remembering(Action.Outcome.OPEN));
        List<Problem> problems = new RouteCheck(rig.actions).check(rig.settings.config());
        assertThat(problems)
                .extracting(Problem::path)
                .containsExactlyInAnyOrder(
                        "/routes/0/match/text/regex",
                        "/routes/1/match/text/gloob",
                        "/routes/2/match/any/0/x..y",
                        "/routes/3/match/time/from",
                        "/routes/3/match/time/zone",
                        "/routes/4/match/n/lt",
                        "/routes/4/action/spawn/skill",
                        "/routes/5/action/0/drop",
                        "/routes/5/action/1/spwan",
                        "/routes/6/action/task");
        assertThat(problems).extracting(Problem::problem).anyMatch(p -> p.contains("did you mean 'glob'"));
        assertThat(problems).extracting(Problem::problem).anyMatch(p -> p.contains("did you mean 'spawn'"));
        assertThat(problems).extracting(Problem::problem).anyMatch(p -> p.contains("not installed"));
    }

    @Test
    void explainsEachEarlierRuleByTheFirstConditionThatFails() {
        rules(
                Map.of("name", "prs", "match", Map.of("channel", "github", "event", "pull_request"), "action", "drop"),
                Map.of("name", "big", "match", Map.of("number", Map.of("gt", 100)), "action", "drop"),
                Map.of(
                        "name",
                        "rest",
                        "match",
                        Map.of(),
                        "action",
                        Map.of("reply", "got {{event}} from {{sender}} {{nothing}}")));
        RouteMethods methods = new RouteMethods(rig.live, rig.buffer, rig.settings, rig.actions);
        RouteMethods.ToTest ask = rig.codec.fromData(
                Map.of(
                        "message",
                        Map.of("channel", "github", "sender", "octo", "fields", Map.of("event", "push", "number", 7))),
                RouteMethods.ToTest.class);
        Object said = rig.codec.toData(methods.test(ask));
        assertThat(said.toString())
                .isEqualTo("{rule=rest, actions=[{reply=got push from octo {{nothing}}}], missed=["
                        + "{rule=prs, path=event, expected=pull_request, seen=push}, "
                        + "{rule=big, path=number, expected=gt 100, seen=7}]}");
        RouteMethods.ToTest bad = rig.codec.fromData(
                Map.of(
                        "message",
                        Map.of("channel", "x"),
                        "routes",
                        List.of(Map.of("match", Map.of("a", Map.of("b", 1)), "action", "drop"))),
                RouteMethods.ToTest.class);
        assertThatThrownBy(() -> methods.test(bad)).hasMessageContaining("/routes/0/match/a/b");
        assertThat(methods.list().routes()).hasSize(3);
        assertThat(rig.buffer.calls).isEmpty();
    }

    @Test
    void whatATrustedPersonSaysToTheHubIsDoneBeforeAnyRule() throws Exception {
        rules(Map.of("match", Map.of("channel", "chat"), "action", Map.of("drop", true)));
        Remembering approve = new Remembering(Action.Outcome.DONE);
        rig.actions.put("/approve", approve);
        List<Entry> said = new ArrayList<>();
        for (String text : List.of("/Approve  7Q2M", "/approved 7Q2M", "7Q2M /approve 7Q2M")) {
            Message message = Message.of(Address.of("chat", "ann"), text).withTrust(Trust.HIGH);
            said.add(new Entry("id" + said.size(), said.size(), message, message.at()));
        }
        Message stranger =
                Message.of(Address.of("chat", "ann"), "/approve 7Q2M").withTrust(Trust.MEDIUM);
        said.add(new Entry("id3", 3L, stranger, stranger.at()));

        rig.router.route(List.of(new Batch("b", Address.of("chat", "ann"), said)));

        assertThat(approve.arguments).containsExactly("7Q2M");
        assertThat(approve.batches.get(0).ids()).containsExactly("id0");
        assertThat(rig.buffer.calls).containsExactly("done [0] /approve", "dropped [1, 2, 3] #1: rule #1 drops it");
    }
}
