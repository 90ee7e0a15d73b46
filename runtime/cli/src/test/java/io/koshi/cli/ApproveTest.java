package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ApproveTest {
    @TempDir
    private Path home;

    private final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int koshi(String... words) {
        List<String> all = new ArrayList<>(List.of("--home", home.toString()));
        all.addAll(List.of(words));
        out.reset();
        err.reset();
        return Main.run(
                all,
                environment,
                new ByteArrayInputStream("---\nname: tea\n".getBytes(UTF_8)),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8));
    }

    @Test
    void theEndOfAnIdIsEnoughAndARunMayNotApproveItself() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            List<Map<?, ?>> decided = new CopyOnWriteArrayList<>();
            hub.on(
                    "approval.list",
                    (params, client) -> Json.read(
                            "{\"approvals\":[{\"id\":\"01JABCDEF7Q2MXK\",\"tool\":\"exec\"}]," + "\"remembered\":[]}"));
            hub.on("approval.decide", (params, client) -> {
                decided.add(params);
                return Json.read("{\"id\":\"01JABCDEF7Q2MXK\",\"decision\":\"allow\",\"by\":\"socket\"}");
            });
            assertThat(koshi("approve")).isZero();
            assertThat(out.toString(UTF_8)).contains("01JABCDEF7Q2MXK", "exec");
            assertThat(koshi("approve", "7q2mxk", "--remember")).isZero();
            assertThat(koshi("deny", "01JABCDEF7Q2MXK")).isZero();
            assertThat(decided.get(0))
                    .isEqualTo(Map.of("id", "01JABCDEF7Q2MXK", "decision", "allow", "remember", true));
            assertThat(decided.get(1))
                    .isEqualTo(Map.of("id", "01JABCDEF7Q2MXK", "decision", "deny", "remember", false));

            environment.put("KOSHI_RUN", "r1");
            assertThat(koshi("approve", "7Q2MXK")).isEqualTo(4);
            assertThat(decided).hasSize(2);
        }
    }

    @Test
    void aSkillIsAddedFromAFileOrStandardInput() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            List<Map<?, ?>> made = new CopyOnWriteArrayList<>();
            hub.on("skill.create", (params, client) -> {
                made.add(params);
                return Json.read("{\"name\":\"tea\"}");
            });
            hub.on(
                    "skill.list",
                    (params, client) -> Json.read("{\"skills\":[{\"name\":\"tea\",\"source\":\"file\","
                            + "\"description\":\"Makes tea.\"}],\"errors\":[{\"file\":\"x.md\",\"error\":\"line 1: no\","
                            + "\"serving\":true}]}"));
            Path file = Files.writeString(home.resolve("tea.md"), "---\nname: tea\n---\n");
            assertThat(koshi("skill", "add", file.toString())).isZero();
            assertThat(koshi("skill", "add", "-")).isZero();
            assertThat(made)
                    .extracting(params -> params.get("markdown"))
                    .asString()
                    .contains("name: tea");
            assertThat(koshi("skill", "add", "missing.md")).isEqualTo(2);
            assertThat(koshi("skill")).isZero();
            assertThat(out.toString(UTF_8))
                    .contains("Makes tea.", "skills/x.md is broken, its last good text serves: line 1: no");
        }
    }
}
