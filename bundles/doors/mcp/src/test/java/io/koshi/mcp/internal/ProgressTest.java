package io.koshi.mcp.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.codec.internal.RecordCodec;
import io.koshi.event.internal.EventBus;
import io.koshi.testkit.TestPools;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final TestPools pools = new TestPools();
    private final EventBus events = new EventBus(pools);
    private final RecordCodec codec = new RecordCodec();
    private final List<Map<?, ?>> told = new CopyOnWriteArrayList<>();
    private final Progress progress = new Progress(
            events,
            codec,
            pools,
            new Progress.Pace(Duration.ofMillis(10), Duration.ofDays(1)),
            "t",
            Optional.of("RUN"),
            json -> told.add((Map<?, ?>) codec.parseJson(json)));

    @AfterEach
    void close() {
        progress.close();
        pools.close();
    }

    private void delta(String run, String text) {
        events.publish("agent", "run.delta", Map.of("runId", run, "delta", text));
    }

    private List<Object> messages() {
        List<Object> messages = new ArrayList<>();
        told.forEach(each -> messages.add(((Map<?, ?>) each.get("params")).get("message")));
        return messages;
    }

    @Test
    void tellsWhatItsOwnRunDoesAndNoOther() {
        events.publish("agent", "run.started", Map.of("runId", "OTHER", "model", "x", "attempt", 1L));
        events.publish("agent", "run.started", Map.of("runId", "RUN", "model", "main", "attempt", 1L));
        delta("OTHER", "not ours");
        delta("RUN", "ours");
        events.publish("agent", "run.tool", Map.of("runId", "RUN", "name", "files", "phase", "start"));
        await().untilAsserted(() ->
                assertThat(messages()).containsExactly("main begins, attempt 1", "ours", "tool files: start"));
    }

    @Test
    void countsUpwardsAndNamesTheToken() {
        for (int i = 0; i < 5; i++) {
            events.publish("agent", "run.tool", Map.of("runId", "RUN", "name", "n" + i, "phase", "end"));
        }
        await().until(() -> told.size() == 5);
        for (int i = 0; i < 5; i++) {
            assertThat(told.get(i).get("method")).isEqualTo("notifications/progress");
            Map<?, ?> params = (Map<?, ?>) told.get(i).get("params");
            assertThat(params.get("progress")).isEqualTo(i + 1L);
            assertThat(params.get("progressToken")).isEqualTo("t");
        }
    }

    @Test
    void gathersWordsThatComeFast() {
        for (int i = 0; i < 10_000; i++) {
            delta("RUN", "word ");
        }
        events.publish("agent", "run.tool", Map.of("runId", "RUN", "name", "last", "phase", "end"));
        await().until(() -> messages().contains("tool last: end"));
        assertThat(messages()).hasSizeLessThan(5_000).allMatch(each -> ((String) each).length() <= 2_000);
    }

    @Test
    void saysOfACallThatIsNoRunThatItIsStillOn() {
        List<Object> said = new CopyOnWriteArrayList<>();
        Progress.Pace quick = new Progress.Pace(Duration.ofMillis(5), Duration.ofMillis(10));
        Progress call = new Progress(
                events, codec, pools, quick, 7L, Optional.empty(), json -> said.add(codec.parseJson(json)));
        await().until(() -> said.size() >= 2);
        call.close();
        assertThat(said.toString()).contains("progressToken=7", "progress=1", "progress=2", "still at it after");
    }

    @Test
    void saysNothingAfterItsEnd() {
        progress.close();
        delta("RUN", "too late");
        events.publish("agent", "run.tool", Map.of("runId", "RUN", "name", "late", "phase", "end"));
        assertThat(told).isEmpty();
    }
}
