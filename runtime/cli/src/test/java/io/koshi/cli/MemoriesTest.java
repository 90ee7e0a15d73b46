package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class MemoriesTest {
    @TempDir
    private Path home;

    private final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int koshi(String... words) {
        List<String> all = new ArrayList<>(List.of("--home", home.toString(), "memories"));
        all.addAll(List.of(words));
        out.reset();
        err.reset();
        return Main.run(
                all,
                environment,
                new ByteArrayInputStream("- a note\n".getBytes(UTF_8)),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8));
    }

    @Test
    void writesOutPageByPageForTheOwnerOnly() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on(
                    "memory.export",
                    (params, client) -> Json.read(
                            ((Number) params.get("after")).longValue() == 0
                                    ? "{\"text\":\"one\\n\",\"count\":1,\"next\":7}"
                                    : "{\"text\":\"two\\n\",\"count\":1}"));
            Path file = home.resolve("out.jsonl");
            assertThat(koshi("export", "-o", file.toString())).isZero();
            assertThat(file).hasContent("one\ntwo\n");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(koshi("export")).isZero();
            assertThat(out.toString(UTF_8)).isEqualTo("one\ntwo\n");
        }
    }

    @Test
    void takesInInPiecesAndNamesTheLinesOfTheFile() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            List<Map<?, ?>> asked = new CopyOnWriteArrayList<>();
            hub.on("memory.import", (params, client) -> {
                asked.add(params);
                return Json.read("{\"read\":1,\"stored\":1,\"known\":2,\"refused\":1,"
                        + "\"problems\":[{\"line\":1,\"problem\":\"is odd\"}]}");
            });
            String line = "{\"content\":\"" + "x".repeat(400_000) + "\"}\n";
            Path file = home.resolve("in.jsonl");
            Files.writeString(file, line.repeat(4));

            assertThat(koshi("import", file.toString())).isEqualTo(1);
            assertThat(asked).hasSize(2);
            assertThat(out.toString(UTF_8)).contains("2 memories are new, 4 were known, 2 were refused");
            assertThat(err.toString(UTF_8)).contains("line 1: is odd").contains("line 3: is odd");
            assertThat(koshi("import", "-", "--markdown")).isEqualTo(1);
            assertThat(asked.get(2)).isEqualTo(Map.of("format", "markdown", "text", "- a note\n"));
            assertThat(koshi("import", "nowhere.md")).isEqualTo(1);
        }
    }

    @Test
    void wipesOnlyWhenToldTwiceAndNeverForAChildOfTheHub() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("memory.wipe", (params, client) -> Json.read("{\"wiped\":3}"));
            assertThat(koshi("wipe")).isEqualTo(4);
            assertThat(err.toString(UTF_8)).contains("--yes");
            assertThat(koshi("wipe", "--layer", "archive", "--yes")).isZero();
            environment.put("KOSHI_RUN", "R7");
            assertThat(koshi("wipe", "--yes")).isEqualTo(4);
            assertThat(koshi("core", "--approve", "3")).isEqualTo(4);
        }
    }

    @Test
    void showsTheCoreAndWhatWaits() throws IOException {
        try (FakeDaemon hub = new FakeDaemon(home)) {
            hub.on("memory.core", (params, client) -> Json.read("""
                    {"core":[{"id":0,"source":"config","content":"The hub's name is koshi."}],
                     "quarantined":[{"memory":{"id":4,"content":"Ann is old"},"reason":"it says the opposite of","against":2}]}"""));
            assertThat(koshi("core")).isZero();
            assertThat(out.toString(UTF_8))
                    .contains("The hub's name")
                    .contains("--approve")
                    .contains("Ann is old");
            assertThat(koshi("dance")).isEqualTo(2);
            assertThat(koshi("inspect", "x")).isEqualTo(2);
        }
    }
}
