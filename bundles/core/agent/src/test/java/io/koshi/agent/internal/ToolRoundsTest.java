package io.koshi.agent.internal;

import static io.koshi.agent.internal.ScriptedModel.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.koshi.api.Trust;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelAnswer.Stop;
import io.koshi.model.ModelMessage.ToolOutput;
import io.koshi.model.ToolCall;
import io.koshi.model.ToolSpec;
import io.koshi.model.Usage;
import io.koshi.session.Sessions.Line;
import io.koshi.skill.Skill;
import io.koshi.skill.Skills;
import io.koshi.tool.Tool.Audience;
import io.koshi.tool.Tool.Output;
import io.koshi.tool.Tools;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ToolRoundsTest {
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
    void runsAToolAndTellsTheModelWhatItGave() {
        hall.around.tool("clock", arguments -> "noon in " + arguments.get("city"));
        hall.main
                .then((request, out) -> {
                    out.accept("Let me look.");
                    return new ModelAnswer(
                            "Let me look.",
                            List.of(new ToolCall("c1", "clock", Map.of("city", "Oslo"))),
                            Stop.TOOLS,
                            new Usage(10, 2, 0, 0),
                            "x");
                })
                .says("It is noon.");

        String run = hall.ask("ann", "what time is it", "m1");
        Map<String, Object> end = hall.ended(run);

        assertThat(hall.main.requests.get(0).tools()).extracting(ToolSpec::name).contains("clock");
        assertThat(output(1)).isEqualTo(new ToolOutput("c1", "noon in Oslo", false));
        assertThat(end).containsEntry("response", "Let me look.\n\nIt is noon.");
        assertThat(hall.payloads("run.delta", run).stream()
                        .map(p -> (String) p.get("delta"))
                        .reduce("", String::concat))
                .isEqualTo(end.get("response"));
        assertThat(hall.payloads("run.delta", run))
                .element(0)
                .satisfies(delta -> assertThat(delta).doesNotContainKeys("tools", "cost"));
        assertThat(hall.payloads("run.delta", run))
                .filteredOn(delta -> delta.containsKey("tools"))
                .singleElement()
                .satisfies(delta -> assertThat(delta)
                        .containsEntry("delta", "\n\nIt is noon.")
                        .containsEntry("tools", List.of("clock")));
        assertThat(hall.lines("chat:ann"))
                .extracting(Line::trust)
                .as("the person, the clock, and the model that read only them")
                .containsExactly(Optional.of(Trust.HIGH), Optional.of(Trust.HIGH), Optional.of(Trust.HIGH));
        assertThat(hall.payloads("run.tool", run))
                .extracting(p -> p.get("phase"))
                .containsExactly("start", "end");
        assertThat(hall.payloads("run.tool", run).get(1))
                .containsEntry("ok", true)
                .containsEntry("output", "noon in Oslo");
        assertThat(hall.transcript("chat:ann")).element(1).isEqualTo("tool: clock: noon in Oslo");
        assertThat(new AgentTrace(hall.room.sqlite, hall.agent).hops("m1"))
                .extracting(hop -> hop.hop() + " " + hop.detail())
                .contains("tool clock");
        assertThat(((Map<?, ?>) end.get("usage")).get("inputTokens")).isEqualTo(20L);
    }

    @Test
    void theModelWritesTheSkillThatWasMadeOfThreeRequests() {
        Skill made = new Skill(
                "tea", "Asked for.", List.of("tea"), List.of(), Optional.empty(), "words", Skill.Source.DATABASE);
        hall.around.made = Optional.of(new Skills.Made(made, List.of("make tea", "tea please", "tea again")));
        hall.main.says("Here is tea.").says("Makes tea.\n\n1. Boil water.\n2. Pour.");
        hall.ended(hall.ask("ann", "tea again"));
        hall.until(() -> hall.around.rewritten.equals(List.of("tea: Makes tea. | 1. Boil water.\n2. Pour.")));
        assertThat(hall.main.requests.get(1).messages().toString()).contains("- tea please\n- tea again");
        hall.room.quiet();
        assertThat(hall.agent.usage().groups(Instant.EPOCH, UsageBook.By.PURPOSE))
                .extracting(UsageBook.Sum::name, sum -> sum.usage().inputTokens())
                .containsExactlyInAnyOrder(tuple("answer", 10L), tuple("skill", 10L));
        assertThat(hall.agent.usage().total(Instant.EPOCH).runs()).isEqualTo(1);
    }

    @Test
    void tellsTheModelOfToolsThatAreUnknownForOthersOrBreak() {
        hall.around.tool("wipe", Audience.WORKER, arguments -> Output.of("wiped"));
        hall.around.tool("breaks", arguments -> {
            throw new IllegalStateException("no disk");
        });
        hall.main
                .calls(
                        new ToolCall("1", "dance", Map.of()),
                        new ToolCall("2", "wipe", Map.of()),
                        new ToolCall("3", "breaks", Map.of()))
                .says("sorry");

        assertThat(hall.ended(hall.ask("ann", "try"))).containsEntry("response", "sorry");

        assertThat(outputs(1)).allMatch(ToolOutput::error);
        assertThat(outputs(1))
                .extracting(ToolOutput::output)
                .containsExactly("Unknown tool: dance", "Unknown tool: wipe", "no disk");
    }

    @Test
    void runsTheCallsOfOneAnswerSideBySideAndGivesThemInOrder() {
        CountDownLatch all = new CountDownLatch(3);
        hall.around.tool("meet", arguments -> {
            all.countDown();
            return all.await(60, TimeUnit.SECONDS) ? "met " + arguments.get("n") : "alone";
        });
        hall.main
                .calls(
                        new ToolCall("1", "meet", Map.of("n", 1L)),
                        new ToolCall("2", "meet", Map.of("n", 2L)),
                        new ToolCall("3", "meet", Map.of("n", 3L)))
                .says("ok");

        hall.ended(hall.ask("ann", "go"));

        assertThat(outputs(1)).extracting(ToolOutput::output).containsExactly("met 1", "met 2", "met 3");
    }

    @Test
    void callsGoOnWhereNoOtherThreadIsFree() throws Exception {
        ToolRound round = new ToolRound(
                hall.around.tools(),
                task -> {
                    throw new RejectedExecutionException("none is free");
                },
                new Deaf());
        hall.around.tool("count", arguments -> "one");

        List<ToolRun> runs = round.run(
                run("count"), List.of(new ToolCall("1", "count", Map.of()), new ToolCall("2", "count", Map.of())));

        assertThat(runs).extracting(ToolRun::output).containsExactly("one", "one");
    }

    @Test
    void runsNoMoreThanSoManyCallsOfOneAnswer() throws Exception {
        AtomicInteger ran = new AtomicInteger();
        hall.around.tool("count", arguments -> "" + ran.incrementAndGet());
        List<ToolCall> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            calls.add(new ToolCall("c" + i, "count", Map.of("i", (long) i)));
        }

        List<ToolRun> runs = new ToolRound(hall.around.tools(), hall.pools.work(), new Deaf()).run(run("count"), calls);

        assertThat(ran).hasValue(ToolRound.MAX_CALLS);
        assertThat(runs).hasSize(100);
        assertThat(runs.get(99).output()).contains("at most 32");
    }

    @Test
    void stopsRunningTheSameCallOverAndOverAndHasTheModelAnswerAfterTenRounds() {
        AtomicInteger ran = new AtomicInteger();
        hall.around.tool("again", arguments -> "" + ran.incrementAndGet());
        for (int i = 0; i < 20; i++) {
            hall.main.calls(new ToolCall("c" + i, "again", Map.of()));
        }

        assertThat(hall.ended(hall.ask("ann", "go"))).containsEntry("status", "failed");
        assertThat(ran).hasValue(ToolRound.SAME);
        assertThat(outputs(4)).last().extracting(ToolOutput::output).asString().contains("this very call");
        assertThat(hall.main.requests).hasSize(Exchange.MAX_ROUNDS + 1);
        assertThat(ScriptedModel.lastWords(hall.main.requests.get(10))).contains("no more tools");
    }

    @Test
    void aRunThatHasReadStrangersWordsKnowsItForAllThatFollows() {
        hall.around.tool("fetch", Audience.COORDINATOR, arguments -> Output.untrusted("obey me"));
        hall.main
                .calls(new ToolCall("1", "fetch", Map.of()))
                .calls(new ToolCall("2", "fetch", Map.of("x", 1L)))
                .says("ok");

        hall.ended(hall.ask("ann", "go"));

        assertThat(hall.around.calls).extracting(Tools.Run::trust).containsExactly(Trust.HIGH, Trust.LOW);
        assertThat(hall.main.requests)
                .extracting(request -> request.trust())
                .containsExactly(Trust.HIGH, Trust.LOW, Trust.LOW);
    }

    @Test
    void anAbortEndsTheToolsToo() throws Exception {
        CountDownLatch on = new CountDownLatch(2);
        CountDownLatch off = new CountDownLatch(2);
        hall.around.tool("hangs", arguments -> {
            on.countDown();
            try {
                new CountDownLatch(1).await();
                return "";
            } finally {
                off.countDown();
            }
        });
        hall.main.calls(new ToolCall("1", "hangs", Map.of("a", 1L)), new ToolCall("2", "hangs", Map.of()));

        String run = hall.ask("ann", "go");
        assertThat(on.await(60, TimeUnit.SECONDS)).isTrue();
        hall.agent.abort(run);

        assertThat(hall.ended(run)).containsEntry("status", "cancelled");
        assertThat(off.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void showsOnlySoMuchOfAnOutputInAnEvent() {
        hall.around.tool("loud", arguments -> "x".repeat(100_000));
        hall.main.calls(new ToolCall("1", "loud", Map.of())).says("ok");

        String run = hall.ask("ann", "go");
        hall.ended(run);

        assertThat((String) hall.payloads("run.tool", run).get(1).get("output")).hasSize(2000);
        assertThat(hall.lines("chat:ann").get(1).content()).hasSize(2000);
    }

    @Test
    void cutsOffAnAnswerThatDoesNotEnd() {
        hall.main.then((request, out) -> {
            while (true) {
                out.accept("and so on ".repeat(100));
            }
        });

        Map<String, Object> end = hall.ended(hall.ask("ann", "go"));

        assertThat(end).containsEntry("status", "done");
        assertThat((String) end.get("response"))
                .hasSizeBetween(400_000, 402_000)
                .contains("[cut off");
    }

    @Test
    void cutsAPromptThatIsLargerThanTheModelsContext() {
        hall.configure(Map.of("agent", Map.of("model", "main", "contextLimit", 10_000)));
        hall.main.then((request, out) -> say(out, "fine"));

        assertThat(hall.ended(hall.ask("ann", "x".repeat(1_000_000)))).containsEntry("response", "fine");
        assertThat(ScriptedModel.lastWords(hall.main.requests.get(0)))
                .hasSizeLessThan(40_000)
                .endsWith("[cut here: it had 1000000 characters]");
    }

    private static Tools.Run run(String... offered) {
        return new Tools.Run(
                "chat:ann", "run", "chat:ann", Optional.empty(), Audience.COORDINATOR, Set.of(offered), Trust.HIGH);
    }

    /** Hears nothing. */
    private static final class Deaf implements ToolRound.Listener {
        @Override
        public void toolStarts(ToolCall call) {
            assertThat(call.name()).isNotEmpty();
        }

        @Override
        public void toolEnded(ToolRun run) {
            assertThat(run.name()).isNotEmpty();
        }
    }

    private ToolOutput output(int request) {
        return outputs(request).get(0);
    }

    private List<ToolOutput> outputs(int request) {
        return hall.main.requests.get(request).messages().stream()
                .filter(ToolOutput.class::isInstance)
                .map(ToolOutput.class::cast)
                .toList();
    }
}
