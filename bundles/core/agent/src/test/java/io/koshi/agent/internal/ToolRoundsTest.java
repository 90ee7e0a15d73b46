package io.koshi.agent.internal;

import static io.koshi.agent.internal.ScriptedModel.say;
import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelAnswer.Stop;
import io.koshi.model.ModelMessage.ToolOutput;
import io.koshi.model.ToolCall;
import io.koshi.model.ToolSpec;
import io.koshi.model.Usage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
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
        hall.around.tool("clock", true, arguments -> "noon in " + arguments.get("city"));
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

        assertThat(hall.main.requests.get(0).tools()).extracting(ToolSpec::name).containsExactly("clock");
        assertThat(output(1)).isEqualTo(new ToolOutput("c1", "noon in Oslo", false));
        assertThat(end).containsEntry("response", "Let me look.\n\nIt is noon.");
        assertThat(hall.payloads("run.delta", run).stream()
                        .map(p -> (String) p.get("delta"))
                        .reduce("", String::concat))
                .isEqualTo(end.get("response"));
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
    void tellsTheModelOfToolsThatAreUnknownWriteBreakHangOrAreCalledWrongly() {
        CountDownLatch never = new CountDownLatch(1);
        hall.around.tool("wipe", false, arguments -> "wiped");
        hall.around.tool("breaks", true, arguments -> {
            throw new IllegalStateException("no disk");
        });
        hall.around.tool("hangs", true, arguments -> {
            never.await();
            return "";
        });
        hall.main
                .calls(
                        new ToolCall("1", "dance", Map.of()),
                        new ToolCall("2", "wipe", Map.of()),
                        new ToolCall("3", "breaks", Map.of()),
                        new ToolCall("4", "hangs", Map.of()),
                        ToolCall.malformed("5", "breaks", "{oops"))
                .says("sorry");

        assertThat(hall.ended(hall.ask("ann", "try"))).containsEntry("response", "sorry");

        assertThat(outputs(1)).allMatch(ToolOutput::error);
        assertThat(outputs(1))
                .extracting(ToolOutput::output)
                .satisfiesExactly(
                        o -> assertThat(o).isEqualTo("Unknown tool: dance"),
                        o -> assertThat(o).isEqualTo("Unknown tool: wipe"),
                        o -> assertThat(o).contains("no disk"),
                        o -> assertThat(o).contains("was stopped"),
                        o -> assertThat(o).contains("no JSON object"));
    }

    @Test
    void keepsOnlySoMuchOfAnOutput() {
        hall.around.tool("loud", true, arguments -> "x".repeat(10_000_000));
        hall.main.calls(new ToolCall("1", "loud", Map.of())).says("ok");

        String run = hall.ask("ann", "go");
        hall.ended(run);

        assertThat(output(1).output()).hasSize(100_000);
        assertThat((String) hall.payloads("run.tool", run).get(1).get("output")).hasSize(2000);
    }

    @Test
    void endsALoopOfToolCallsAfterTenRounds() {
        hall.around.tool("again", true, arguments -> "more");
        for (int i = 0; i < 20; i++) {
            hall.main.calls(new ToolCall("c" + i, "again", Map.of()));
        }

        assertThat(hall.ended(hall.ask("ann", "go"))).containsEntry("status", "failed");
        assertThat(hall.main.requests).hasSize(11);
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
