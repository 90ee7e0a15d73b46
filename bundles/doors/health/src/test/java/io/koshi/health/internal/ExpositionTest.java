package io.koshi.health.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpositionTest {
    @Test
    void writesEachFamilyOnceWithItsSamplesTogether() {
        Exposition out = new Exposition();
        out.gauge("a", "First \"one\".\nTwo", 1, "name", "x\"\\\n");
        out.counter("b_total", "Counts.", 2.5);
        out.gauge("a", "First.", 3, "name", "y", "kind", "z");
        assertThat(new String(out.bytes(), UTF_8)).isEqualTo("""
                # HELP a First "one".\\nTwo
                # TYPE a gauge
                a{name="x\\"\\\\\\n"} 1
                a{name="y",kind="z"} 3
                # HELP b_total Counts.
                # TYPE b_total counter
                b_total 2.5
                """);
    }

    @Test
    void namesTheFiguresOfTheHubAndLeavesOutWhatIsNotThere() {
        Exposition out = new Exposition();
        new HubMetrics(out)
                .write(
                        Map.of(
                                "uptimeMs", 1500L,
                                "buffer", Map.of("unrouted", 4L),
                                "channels", List.of(Map.of("name", "telegram", "state", "down"))),
                        Map.of(
                                "ready",
                                true,
                                "status",
                                "degraded",
                                "parts",
                                List.of(Map.of(
                                        "name",
                                        "store",
                                        "kind",
                                        "core",
                                        "status",
                                        "healthy",
                                        "data",
                                        Map.of("walBytes", 7L, "path", "x")))),
                        99);
        assertThat(new String(out.bytes(), UTF_8))
                .contains("koshi_ready 1\n")
                .contains("koshi_healthy 0\n")
                .contains("koshi_events_total 99\n")
                .contains("koshi_uptime_seconds 1.5\n")
                .contains("koshi_buffer_unrouted 4\n")
                .contains("koshi_channel_connected{channel=\"telegram\"} 0\n")
                .contains("koshi_part_figure{part=\"store\",figure=\"wal_bytes\"} 7\n")
                .contains("jvm_threads_current ")
                .doesNotContain("koshi_outbox");
    }
}
