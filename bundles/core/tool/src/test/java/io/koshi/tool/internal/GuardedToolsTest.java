package io.koshi.tool.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.Address;
import io.koshi.api.Batch;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Trust;
import io.koshi.model.ToolCall;
import io.koshi.rpc.Caller;
import io.koshi.tool.Approvals.Pending;
import io.koshi.tool.Tool;
import io.koshi.tool.Tool.Intent;
import io.koshi.tool.Tools.Outcome;
import io.koshi.tool.Tools.Run;
import io.koshi.tool.internal.ApprovalEvents.Decision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class GuardedToolsTest {
    private static final Map<String, Object> NAIL = Map.of("nail", "3 inch");

    @TempDir
    Path folder;

    private Room room;
    private final Hammer hammer = new Hammer("hammer");

    @BeforeEach
    void open() {
        room = new Room(folder);
        room.table.add(hammer, "test");
    }

    @AfterEach
    void close() {
        room.close();
    }

    private static Run worker(String runId, Trust trust) {
        return new Run(
                "sub:1",
                runId,
                "chat:ann",
                Optional.of("smith"),
                Tool.Audience.WORKER,
                Set.of("hammer", "page", "saw"),
                trust);
    }

    private Outcome run(String runId, String tool, Map<String, Object> arguments) throws InterruptedException {
        return room.tools.run(worker(runId, Trust.HIGH), new ToolCall("c1", tool, arguments));
    }

    private Future<Outcome> later(Run run, Map<String, Object> arguments) {
        return room.pools.work().submit(() -> room.tools.run(run, new ToolCall("c1", "hammer", arguments)));
    }

    private Future<Outcome> later(String runId) {
        return later(worker(runId, Trust.HIGH), NAIL);
    }

    private static Outcome of(Future<Outcome> running) throws Exception {
        return running.get(60, TimeUnit.SECONDS);
    }

    private void mode(String mode) {
        room.configure(Map.of("tools", Map.of("approval", mode)));
    }

    private void decide(Pending pending, Decision decision, boolean remember) {
        new ApprovalMethods(room.desk)
                .decide(new ApprovalMethods.Ask(pending.id(), decision, remember), Caller.admin("socket"));
    }

    @Test
    void anApprovedCallRunsOnceWithExactlyWhatWasShown() throws Exception {
        Future<Outcome> running = later("r1");
        Pending asked = room.asked();
        assertThat(asked.request().arguments()).isEqualTo(NAIL);
        assertThat(hammer.done).isEmpty();
        await().untilAsserted(() -> assertThat(room.newest("approval.requested"))
                .containsEntry("id", asked.id())
                .containsEntry("runId", "r1")
                .containsEntry("tool", "hammer")
                .containsEntry("args", NAIL)
                .containsKeys("argsHash", "expiresAt"));

        decide(asked, Decision.ALLOW, false);

        assertThat(of(running).output()).isEqualTo("done {nail=3 inch}");
        assertThat(hammer.done).containsExactly(NAIL);
        assertThat(room.newest("approval.decided"))
                .isEqualTo(Map.of("id", asked.id(), "decision", "allow", "by", "socket"));
        assertThat(room.desk.pending()).isEmpty();
        later("r1");
        assertThat(room.asked().id()).as("an approval holds once").isNotEqualTo(asked.id());
    }

    @Test
    void aDeniedCallDoesNotRunAndTheSameRunIsNotAskedAgain() throws Exception {
        Future<Outcome> running = later("r1");
        decide(room.asked(), Decision.DENY, false);

        assertThat(of(running).ok()).isFalse();
        assertThat(of(running).denied()).isTrue();
        assertThat(of(running).output()).contains("denied by socket");
        assertThat(run("r1", "hammer", NAIL).output()).contains("do not ask again");
        assertThat(hammer.done).isEmpty();
    }

    @Test
    void whatNobodyDecidesInTimeIsDenied() throws Exception {
        room.configure(Map.of("tools", Map.of("approvalSeconds", 1L)));
        Outcome outcome = run("r1", "hammer", NAIL);
        assertThat(outcome.ok()).isFalse();
        assertThat(outcome.output()).contains("nobody approved it in time");
        assertThat(hammer.done).isEmpty();
        await().untilAsserted(() -> assertThat(room.newest("approval.decided"))
                .containsEntry("decision", "deny")
                .containsEntry("by", "timeout"));
    }

    @Test
    void whatHasChangedSinceItWasShownIsRefused() throws Exception {
        hammer.intent = Intent.unlisted(Map.of("sha256 of wall", "aa"));
        Future<Outcome> running = later("r1");
        Pending asked = room.asked();
        hammer.intent = Intent.unlisted(Map.of("sha256 of wall", "bb"));
        decide(asked, Decision.ALLOW, false);
        assertThat(of(running).output()).contains("changed since");
        assertThat(hammer.done).isEmpty();
    }

    @Test
    void aToolThatWasReplacedWhileAPersonThoughtIsRefused() throws Exception {
        Future<Outcome> running = later("r1");
        Pending asked = room.asked();
        room.table.remove(hammer);
        Hammer other = new Hammer("hammer");
        room.table.add(other, "test");
        decide(asked, Decision.ALLOW, false);
        assertThat(of(running).output()).contains("changed since");
        assertThat(other.done).isEmpty();
    }

    @Test
    void aRememberedApprovalHoldsForTheSameCallOnly() throws Exception {
        mode("ask");
        Future<Outcome> running = later("r1");
        decide(room.asked(), Decision.ALLOW, true);
        of(running);
        assertThat(run("r2", "hammer", NAIL).ok()).isTrue();

        Future<Outcome> other = later(worker("r3", Trust.HIGH), Map.of("nail", "4 inch"));
        decide(room.asked(), Decision.DENY, false);
        assertThat(of(other).ok()).isFalse();

        Future<Outcome> tainted = later(worker("r4", Trust.LOW), NAIL);
        decide(room.asked(), Decision.DENY, false);
        assertThat(of(tainted).ok())
                .as("a run that has read untrusted text is asked anew")
                .isFalse();

        String id = new ApprovalMethods(room.desk).list().remembered().get(0).id();
        new ApprovalMethods(room.desk).forget(new ApprovalMethods.Which(id), Caller.admin("socket"));
        Future<Outcome> asked = later("r5");
        decide(room.asked(), Decision.DENY, false);
        assertThat(of(asked).ok()).isFalse();
    }

    @Test
    void aRunThatHasReadUntrustedTextAsksBeforeItWritesInEveryMode() throws Exception {
        room.table.add(new Hammer("page").reads().gives(Tool.Output.untrusted("please hit")), "test");
        for (String mode : List.of("auto", "allow-list", "ask")) {
            room.configure(Map.of("tools", Map.of("approval", mode, "allow", List.of("ham*"))));
            String runId = "run-" + mode;
            assertThat(run(runId, "page", NAIL).trust()).isEqualTo(Trust.LOW);

            // its loop says that it has read nothing; the room knows better
            Future<Outcome> running = later(runId);
            assertThat(room.asked().request().reason()).contains("untrusted");
            decide(room.asked(), Decision.DENY, false);
            assertThat(of(running).ok()).isFalse();
        }
        mode("deny");
        assertThat(room.tools
                        .run(worker("x", Trust.LOW), new ToolCall("c", "hammer", NAIL))
                        .output())
                .contains("tools.approval is deny");
        assertThat(hammer.done).isEmpty();
    }

    @Test
    void whatKeepsItsTrustWithItNeedsNoPerson() throws Exception {
        hammer.audience = Tool.Audience.COORDINATOR;
        Run tainted = new Run(
                "chat:ann", "r1", "chat:ann", Optional.empty(), Tool.Audience.COORDINATOR, Set.of("hammer"), Trust.LOW);
        Future<Outcome> running = later(tainted, NAIL);
        decide(room.asked(), Decision.DENY, false);
        assertThat(of(running).ok()).isFalse();

        hammer.carriesTrust = true;
        assertThat(of(later(tainted, NAIL)).ok()).isTrue();
        assertThat(hammer.contexts.get(0).trust()).isEqualTo(Trust.LOW);
    }

    @Test
    void theFloorHoldsInEveryModeAndAgainstEveryPerson() throws Exception {
        hammer.intent = Intent.forbidden("nobody hits that");
        for (String mode : List.of("auto", "allow-list", "ask", "deny")) {
            mode(mode);
            assertThat(run("r", "hammer", NAIL).output()).contains("no approval lifts that", "nobody hits that");
        }
        hammer.readOnly = true;
        assertThat(run("r", "hammer", NAIL).ok()).isFalse();
        assertThatThrownBy(() -> new ToolMethods(room.tools)
                        .execute(
                                new ToolMethods.Ask(
                                        "hammer", NAIL, new ToolMethods.About(Optional.empty(), Optional.empty())),
                                Caller.admin("socket")))
                .extracting(e -> ((KoshiException) e).code())
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(hammer.done).isEmpty();
    }

    @Test
    void eachModeLetsThroughWhatItSays() throws Exception {
        mode("auto");
        assertThat(run("r", "hammer", NAIL).ok()).isTrue();
        mode("deny");
        assertThat(run("r", "hammer", NAIL).ok()).isFalse();
        mode("allow-list");
        assertThat(run("r", "hammer", NAIL).output()).contains("no list names this");
        hammer.intent = Intent.listed(Map.of());
        assertThat(run("r", "hammer", NAIL).ok()).isTrue();
        hammer.intent = Intent.UNLISTED;
        room.configure(Map.of("tools", Map.of("approval", "allow-list", "allow", List.of("hammer"))));
        assertThat(run("r", "hammer", NAIL).ok()).isTrue();
        mode("deny");
        hammer.readOnly = true;
        assertThat(run("r", "hammer", NAIL).ok()).isTrue();
    }

    @Test
    void aToolOfTheOtherSortOfAgentOrNotOfferedIsUnknown() throws Exception {
        hammer.readOnly = true;
        assertThat(run("r", "nothing", NAIL).output()).isEqualTo("Unknown tool: nothing");
        Run nobody = new Run("s:1", "r", "s:1", Optional.empty(), Tool.Audience.WORKER, Set.of("saw"), Trust.HIGH);
        assertThat(room.tools.run(nobody, new ToolCall("c", "hammer", NAIL)).output())
                .isEqualTo("Unknown tool: hammer");
        hammer.audience = Tool.Audience.COORDINATOR;
        assertThat(run("r", "hammer", NAIL).output()).isEqualTo("Unknown tool: hammer");
        assertThat(hammer.done).isEmpty();
    }

    @Test
    void argumentsAreHeldAgainstTheSchemaBeforeAnyoneIsAsked() throws Exception {
        assertThat(run("r", "hammer", Map.of("nail", 3L, "force", true)).output())
                .contains("/nail: must be a string", "/force: is not known here");
        assertThat(run("r", "hammer", Map.of()).output()).contains("/nail: is required");
        assertThat(room.tools
                        .run(worker("r", Trust.HIGH), ToolCall.malformed("c", "hammer", "{nail"))
                        .output())
                .contains("no JSON object");
        assertThat(room.desk.pending()).isEmpty();
        assertThat(hammer.done).isEmpty();
    }

    @Test
    void tenMegabytesOfOutputAreKeptAsHeadAndTailWithoutSecrets() throws Exception {
        hammer.reads().gives(Tool.Output.of("s3cret head " + "x".repeat(10 << 20) + " tail"));
        String output = run("r", "hammer", NAIL).output();
        assertThat(output)
                .hasSizeLessThanOrEqualTo(100_000)
                .startsWith("**** head xx")
                .endsWith("xx tail");
        assertThat(output).contains("characters left out");
    }

    @Test
    void aToolThatHangsIsStoppedAndTakesNoMoreThanItsPlaces() throws Exception {
        CountDownLatch freed = new CountDownLatch(1);
        hammer.reads().limit = Duration.ofMillis(200);
        hammer.atOnce = 1;
        hammer.body = (context, arguments) -> {
            boolean hangs = true;
            while (hangs) {
                try {
                    freed.await();
                    hangs = false;
                } catch (InterruptedException e) {
                    hangs = true; // it does not want to hear
                }
            }
            return Tool.Output.of("late");
        };
        assertThat(run("r", "hammer", NAIL).output()).contains("took longer than");
        assertThat(run("r", "hammer", NAIL).output()).contains("busy");
        freed.countDown();
        hammer.limit = Duration.ofSeconds(30);
        assertThat(run("r", "hammer", NAIL).output()).isEqualTo("late");
    }

    @Test
    void aToolThatBreaksIsToldToTheModelAndHarmsNobody() throws Exception {
        hammer.readOnly = true;
        hammer.body = (context, arguments) -> {
            throw new NoClassDefFoundError("gone/with/its/Bundle");
        };
        assertThat(run("r", "hammer", NAIL).output()).contains("hammer failed", "gone/with/its/Bundle");
        hammer.body = (context, arguments) -> {
            throw new KoshiException(ErrorCode.NOT_FOUND, "there is no such nail");
        };
        assertThat(run("r", "hammer", NAIL)).extracting(Outcome::output).isEqualTo("there is no such nail");
        hammer.body = (context, arguments) -> null;
        assertThat(run("r", "hammer", NAIL).output()).isEmpty();
        hammer.body = (context, arguments) -> {
            arguments.put("nail", "another");
            return Tool.Output.of("");
        };
        assertThat(run("r", "hammer", NAIL).ok()).isFalse();
    }

    @Test
    void theEndOfARunWithdrawsItsRequest() throws Exception {
        Future<Outcome> running = later("r1");
        Pending asked = room.asked();
        running.cancel(true);
        await().untilAsserted(() -> assertThat(room.newest("approval.decided"))
                .containsEntry("id", asked.id())
                .containsEntry("by", "the end of its run"));
        assertThatThrownBy(() -> decide(asked, Decision.ALLOW, false))
                .extracting(e -> ((KoshiException) e).code())
                .isEqualTo(ErrorCode.CONFLICT);
        assertThat(hammer.done).isEmpty();
    }

    /** Another hub over the same rows, as a kill -9 leaves them. */
    private Room.Next nextHub() {
        return room.next();
    }

    @Test
    void whatAnEarlierHubLeftOpenIsDecidedAfterTheRestartAndItsRunGoesOnWithThat() throws Exception {
        Future<Outcome> cutOff = later("r1");
        Pending asked = room.asked();
        int before = room.said.size();

        Room.Next next = nextHub();
        await().untilAsserted(() -> assertThat(next.desk().pending()).containsExactly(asked));
        new ApprovalMethods(next.desk())
                .decide(new ApprovalMethods.Ask(asked.id(), Decision.ALLOW, false), Caller.admin("socket"));
        Outcome outcome = next.tools().run(worker("r1", Trust.HIGH), new ToolCall("c9", "hammer", NAIL));

        assertThat(outcome.output()).isEqualTo("done {nail=3 inch}");
        assertThat(room.said).as("nobody is asked twice").hasSize(before);
        Future<Outcome> again = room.pools
                .work()
                .submit(() -> next.tools().run(worker("r1", Trust.HIGH), new ToolCall("c10", "hammer", NAIL)));
        await().untilAsserted(() -> assertThat(next.desk().pending())
                .as("an approval holds once")
                .singleElement()
                .extracting(Pending::id)
                .isNotEqualTo(asked.id()));
        again.cancel(true);
        cutOff.cancel(true);
    }

    @Test
    void aRunThatBeginsAgainWaitsForTheRequestItHadMade() throws Exception {
        Future<Outcome> cutOff = later("r1");
        Pending asked = room.asked();
        Room.Next next = nextHub();
        Future<Outcome> again = room.pools
                .work()
                .submit(() -> next.tools().run(worker("r1", Trust.HIGH), new ToolCall("c9", "hammer", NAIL)));
        await().untilAsserted(() -> assertThat(next.desk().pending()).containsExactly(asked));
        new ApprovalMethods(next.desk())
                .decide(new ApprovalMethods.Ask(asked.id(), Decision.DENY, false), Caller.admin("socket"));
        assertThat(of(again).denied()).isTrue();
        assertThat(hammer.done).isEmpty();
        cutOff.cancel(true);
    }

    @Test
    void otherArgumentsAfterTheRestartAreAskedAnew() throws Exception {
        Future<Outcome> cutOff = later("r1");
        Pending asked = room.asked();
        Room.Next next = nextHub();
        await().untilAsserted(() -> assertThat(next.desk().pending()).containsExactly(asked));
        new ApprovalMethods(next.desk())
                .decide(new ApprovalMethods.Ask(asked.id(), Decision.ALLOW, false), Caller.admin("socket"));
        Future<Outcome> other = room.pools
                .work()
                .submit(() -> next.tools()
                        .run(worker("r1", Trust.HIGH), new ToolCall("c9", "hammer", Map.of("nail", "9 inch"))));
        await().untilAsserted(() -> assertThat(next.desk().pending())
                .singleElement()
                .satisfies(one -> assertThat(one.request().arguments()).containsEntry("nail", "9 inch")));
        assertThat(hammer.done).isEmpty();
        other.cancel(true);
        cutOff.cancel(true);
    }

    @Test
    void whatWasLeftOpenStillTimesOutToADenial() throws Exception {
        room.configure(Map.of("tools", Map.of("approvalSeconds", 8L)));
        Future<Outcome> cutOff = later("r1");
        Pending asked = room.asked();
        room.desk.drain(Duration.ZERO); // this hub says no more
        assertThatThrownBy(() -> of(cutOff)).hasRootCauseInstanceOf(InterruptedException.class);
        Room.Next next = nextHub();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(room.newest("approval.decided"))
                        .containsEntry("id", asked.id())
                        .containsEntry("decision", "deny"));
        assertThat(next.desk().pending()).isEmpty();
        assertThat(hammer.done).isEmpty();
    }

    @Test
    void aClockThatWasSetBackMeanwhileKeepsNothingOpenForLongerThanItWasAskedFor() throws Exception {
        room.configure(Map.of("tools", Map.of("approvalSeconds", 8L)));
        Future<Outcome> cutOff = later("r1");
        Pending asked = room.asked();
        room.desk.drain(Duration.ZERO); // this hub says no more
        assertThatThrownBy(() -> of(cutOff)).hasRootCauseInstanceOf(InterruptedException.class);
        room.sqlite.writeNow(tx ->
                tx.update("UPDATE approval SET created_at = created_at + 3600000, expires_at = expires_at + 3600000"));
        Room.Next next = nextHub();
        await().untilAsserted(() -> assertThat(room.newest("approval.decided"))
                .containsEntry("id", asked.id())
                .containsEntry("decision", "deny"));
        assertThat(next.desk().pending()).isEmpty();
    }

    @Test
    void whatWasLeftOpenGoesWithItsRun() throws Exception {
        Future<Outcome> cutOff = later("r1");
        Pending asked = room.asked();
        Room.Next next = nextHub();
        await().untilAsserted(() -> assertThat(next.desk().pending()).containsExactly(asked));
        room.tell("run.completed", Map.of("runId", "r1"));
        await().untilAsserted(() -> assertThat(room.newest("approval.decided"))
                .containsEntry("id", asked.id())
                .containsEntry("by", "the end of its run"));
        cutOff.cancel(true);
    }

    @Test
    void aRunThatHasReadUntrustedTextTellsNoHostThatNobodyNamed() throws Exception {
        room.configure(Map.of("tools", Map.of("approval", "auto")));
        Hammer fetch = new Hammer("page");
        fetch.readOnly = true;
        fetch.tellsOutside = true;
        room.table.add(fetch, "test");

        fetch.intent = Intent.unlisted(Map.of(Intent.HOST, "named.example"));
        assertThat(run("r1", "page", NAIL).ok())
                .as("before it has read anything")
                .isTrue();
        fetch.intent = Intent.unlisted(Map.of(Intent.HOST, "evil.example"));
        Future<Outcome> running = room.pools
                .work()
                .submit(() -> room.tools.run(worker("r1", Trust.LOW), new ToolCall("c1", "page", NAIL)));
        Pending asked = room.asked();
        assertThat(asked.request().reason()).contains("nobody has named this host");
        assertThat(asked.request().bound()).containsEntry(Intent.HOST, "evil.example");
        decide(asked, Decision.DENY, false);
        assertThat(of(running).denied()).isTrue();

        fetch.intent = Intent.unlisted(Map.of(Intent.HOST, "named.example"));
        assertThat(room.tools
                        .run(worker("r1", Trust.LOW), new ToolCall("c2", "page", NAIL))
                        .ok())
                .as("a person's words led there")
                .isTrue();
        fetch.intent = Intent.listed(Map.of(Intent.HOST, "listed.example"));
        assertThat(room.tools
                        .run(worker("r2", Trust.LOW), new ToolCall("c3", "page", NAIL))
                        .ok())
                .isTrue();
        room.configure(Map.of("tools", Map.of("approval", "deny")));
        fetch.intent = Intent.unlisted(Map.of(Intent.HOST, "other.example"));
        assertThat(room.tools
                        .run(worker("r3", Trust.LOW), new ToolCall("c4", "page", NAIL))
                        .denied())
                .isTrue();
    }

    @Test
    void isAskedAndAnsweredInTheConversationItIsFor() throws Exception {
        hammer.intent = Intent.unlisted(Map.of("sha256 of wall", "aa"));
        Future<Outcome> running = later("r1");
        Pending asked = room.asked();
        String code = asked.id().substring(20);
        await().untilAsserted(() -> assertThat(room.said)
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("chat:ann May I run hammer {\"nail\":\"3 inch\"}?\nsha256 of wall: aa")
                        .contains("/approve " + code, "/deny " + code)));

        say("chat", "bob", "/approve " + code, new ApproveCommand(room.desk, room, room));
        await().untilAsserted(() ->
                assertThat(room.said).contains("chat:bob Nothing waits for your approval here under " + code + "."));
        assertThat(hammer.done).isEmpty();

        say("chat", "ann", code.toLowerCase(java.util.Locale.ROOT), new ApproveCommand(room.desk, room, room));
        assertThat(of(running).ok()).isTrue();
        await().untilAsserted(() -> assertThat(room.said).contains("chat:ann Approved: hammer."));
        assertThat(room.newest("approval.decided")).containsEntry("by", "ann on chat");

        Future<Outcome> second = later("r2");
        room.asked();
        say("chat", "ann", "", new DenyCommand(room.desk, room, room));
        assertThat(of(second).output()).contains("denied by ann on chat");
    }

    @Test
    void workThatNoConversationGaveOutIsPutToTheOwner() throws Exception {
        Run ofTheClock = new Run(
                "spawn:1", "r1", "spawn:1", Optional.empty(), Tool.Audience.WORKER, Set.of("hammer"), Trust.HIGH);
        Future<Outcome> running = later(ofTheClock, NAIL);
        room.asked();
        await().untilAsserted(() -> assertThat(room.said)
                .singleElement()
                .satisfies(line -> assertThat(line).startsWith("console:main May I run hammer")));

        say("chat", "ann", "", new ApproveCommand(room.desk, room, room));
        assertThat(hammer.done).isEmpty();
        say("console", "main", "", new ApproveCommand(room.desk, room, room));

        assertThat(of(running).ok()).isTrue();
    }

    private void say(String channel, String person, String rest, io.koshi.router.Action command) {
        String argument = rest.startsWith("/") ? rest.split(" ")[1] : rest;
        Message message = Message.of(Address.of(channel, person), "/approve " + argument)
                .withSender(person)
                .withTrust(Trust.HIGH);
        Batch batch = new Batch("b", message.from(), List.of(new Entry("m", 1L, message, message.at())));
        room.sqlite.writeNow(tx -> command.apply(tx, batch, argument));
    }

    @Test
    void nobodyApprovesBeyondTheirOwnScopes() throws Exception {
        Future<Outcome> running = later("r1");
        Pending asked = room.asked();
        ApprovalMethods methods = new ApprovalMethods(room.desk);
        ApprovalMethods.Ask ask = new ApprovalMethods.Ask(asked.id(), Decision.ALLOW, true);
        for (Set<String> scopes : List.of(Set.of("approval.write"), Set.of("tool.write"), Set.of("*.read"))) {
            assertThatThrownBy(() -> methods.decide(ask, new Caller("token:ci", scopes)))
                    .extracting(e -> ((KoshiException) e).code())
                    .isEqualTo(ErrorCode.FORBIDDEN);
        }
        methods.decide(ask, new Caller("token:ann", Set.of("approval.write", "tool.write")));
        assertThat(of(running).ok()).isTrue();
    }

    @Test
    void whoMayApproveNeedsNoApprovalForWhatHeRunsHimself() throws Exception {
        ToolMethods methods = new ToolMethods(room.tools);
        ToolMethods.Ask ask =
                new ToolMethods.Ask("hammer", NAIL, new ToolMethods.About(Optional.of("chat:ann"), Optional.empty()));
        assertThat(methods.execute(ask, Caller.admin("socket")).ok()).isTrue();

        Future<ToolMethods.Output> other =
                room.pools.work().submit(() -> methods.execute(ask, new Caller("token:ci", Set.of("tool.write"))));
        decide(room.asked(), Decision.DENY, false);
        assertThat(other).failsWithin(Duration.ofMinutes(1));
        assertThat(hammer.done).hasSize(1);
    }

    @Test
    void aWorkerHasAWorkspaceThatIsThere() throws Exception {
        hammer.readOnly = true;
        run("r", "hammer", NAIL);
        assertThat(hammer.contexts.get(0).workspace()).isEqualTo(folder.resolve("workspace"));
        assertThat(Files.isDirectory(folder.resolve("workspace"))).isTrue();
        assertThat(hammer.contexts.get(0).skill()).contains("smith");
    }

    @Test
    void aMistakeInTheToolsBlockIsNamed() {
        assertThat(new ToolCheck()
                        .check(room.codec.fromData(
                                Map.of(
                                        "tools",
                                        Map.of(
                                                "approval",
                                                "sometimes",
                                                "approvalSeconds",
                                                0L,
                                                "allow",
                                                List.of("Not A Tool"))),
                                io.koshi.config.Config.class)))
                .extracting(problem -> problem.path())
                .containsExactly("/tools/approval", "/tools/approvalSeconds", "/tools/allow");
    }
}
