package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CronTest {
    private static final String TEA = """
            {"id":"abcd1234","name":"tea","origin":"added","schedule":"30 7 * * MON-FRI","timezone":"Europe/Helsinki",
             "kind":"notify","task":"Tea is ready","status":"active","nextAt":"2026-11-23T05:30:00Z","failures":1,
             "lastRun":{"slot":"2026-11-20T05:30:00Z","status":"failed","error":"no such channel",
                        "claimedAt":"2026-11-20T05:30:00Z"}}""";

    @TempDir
    private Path home;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private int koshi(String... words) {
        out.reset();
        PrintStream print = new PrintStream(out, true, UTF_8);
        List<String> all = new java.util.ArrayList<>(List.of("--home", home.toString()));
        all.addAll(List.of(words));
        return Main.run(all, Map.of("PATH", "/usr/bin:/bin"), new ByteArrayInputStream(new byte[0]), print, print);
    }

    @Test
    void listsJobsByTheClockOfTheirZone() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("cron.list", (params, client) -> Json.read("{\"jobs\":[" + TEA + "],\"total\":3}"));
            assertThat(koshi("cron", "list")).isZero();
            String[] lines = out.toString(UTF_8).split("\n");
            assertThat(lines[0].split(" {2,}"))
                    .containsExactly("name", "schedule", "zone", "next", "last run", "does", "state", "id");
            assertThat(lines[1].split(" {2,}"))
                    .containsExactly(
                            "tea",
                            "30 7 * * MON-FRI",
                            "Europe/Helsinki",
                            "2026-11-23 07:30",
                            "failed 2026-11-20 07:30",
                            "notify: Tea is ready",
                            "active",
                            "abcd1234");
            assertThat(lines[2]).isEqualTo("tea failed: no such channel");
            assertThat(lines[3]).isEqualTo("1 of 3 jobs; -n LIMIT shows more");
        }
    }

    @Test
    void showsWhatBecameOfItsTimes() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on(
                    "cron.get",
                    (params, client) -> Json.read("{\"job\":" + TEA + ",\"runs\":[{\"slot\":\"2026-11-20T05:30:00Z\","
                            + "\"status\":\"skipped\",\"reason\":\"the one before goes on\","
                            + "\"claimedAt\":\"2026-11-20T05:30:00Z\"}]}"));
            assertThat(koshi("cron", "show", "tea")).isZero();
            assertThat(out.toString(UTF_8))
                    .contains("nextAt: 2026-11-23 07:30")
                    .contains("outcome")
                    .contains("2026-11-20 07:30")
                    .contains("the one before goes on");
        }
    }

    @Test
    void runsHaveHeadingsAPersonReads() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on(
                    "agent.list",
                    (params, client) -> Json.read("{\"runs\":[{\"runId\":\"r1\",\"status\":\"failed\","
                            + "\"sessionKey\":\"main\",\"attempt\":1,\"error\":{\"code\":\"TIMEOUT\"},"
                            + "\"createdAt\":\"2026-11-20T05:30:00Z\"}]}"));
            assertThat(koshi("agent", "list")).isZero();
            assertThat(out.toString(UTF_8).split("\n")[0].split(" {2,}"))
                    .containsExactly("run", "status", "session", "skill", "model", "attempt", "error", "since");
            assertThat(out.toString(UTF_8)).contains("TIMEOUT");
        }
    }
}
