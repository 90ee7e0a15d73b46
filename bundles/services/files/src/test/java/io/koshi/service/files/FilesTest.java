package io.koshi.service.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.tool.Tool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class FilesTest {
    @TempDir
    Path folder;

    private Room room;

    @BeforeEach
    void open() throws Exception {
        room = new Room(folder);
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void writesWithTheDirectoriesItNeedsAndReadsBack() throws Exception {
        assertThat(room.told("write_file", "path", "a/b/c.txt", "content", "Grüße\n"))
                .isEqualTo("Wrote a/b/c.txt, 8 bytes");
        assertThat(room.told("read_file", "path", "a/b/../b/c.txt")).isEqualTo("Grüße\n");
        assertThat(room.told("write_file", "path", "a/b/c.txt", "content", "")).startsWith("Replaced");
        assertThat(room.told("read_file", "path", room.workspace + "/a/b/c.txt"))
                .isEqualTo("(empty)");
        assertThat(Files.list(room.workspace)).hasSize(1); // no draft is left
    }

    @Test
    void showsHeadAndTailOfALongFileAndAnyPartOfIt() throws Exception {
        StringBuilder text = new StringBuilder();
        IntStream.rangeClosed(1, 5000)
                .forEach(i -> text.append("line ").append(i).append('\n'));
        Files.writeString(room.workspace.resolve("long"), text);

        String shown = room.told("read_file", "path", "long");
        assertThat(shown).hasSizeLessThan(20_000).startsWith("line 1\n").endsWith("line 5000\n");
        assertThat(shown).containsPattern("characters are left out here; read on with from: \\d+");
        assertThat(room.told("read_file", "path", "long", "from", 2500L, "lines", 2L))
                .isEqualTo("line 2500\nline 2501");
        assertThat(room.told("read_file", "path", "long", "from", 9999L)).contains("only 5000 lines");
    }

    @Test
    void cutsNoCharacterInHalf() throws Exception {
        Files.writeString(room.workspace.resolve("long"), "x" + "\uD83D\uDE00".repeat(20_000));

        String shown = room.told("read_file", "path", "long");

        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(shown)).isTrue();
    }

    @Test
    void saysWhatIsNoTextAndWhatIsTooLarge() throws Exception {
        Files.write(room.workspace.resolve("binary"), new byte[] {'a', 0, 1});
        Files.write(room.workspace.resolve("latin"), new byte[] {'a', (byte) 0xE4, 'b'});
        room.settings.put("maxKB", 1);
        Files.write(room.workspace.resolve("large"), new byte[2000]);

        assertThatThrownBy(() -> room.told("read_file", "path", "binary")).hasMessageContaining("binary file of 3");
        assertThatThrownBy(() -> room.told("read_file", "path", "latin")).hasMessageContaining("no UTF-8");
        assertThat(code("read_file", "path", "large")).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(code("write_file", "path", "x", "content", "y".repeat(2000))).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(code("read_file", "path", "nothing")).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(code("read_file", "path", ".")).isEqualTo(ErrorCode.INVALID_PARAMS);
    }

    @Test
    void replacesOnlyWhatStandsThereExactlyOnce() throws Exception {
        room.told("write_file", "path", "f", "content", "one two two\n\tthree $1 \\");

        assertThat(room.told("edit_file", "path", "f", "old", "\tthree $1", "new", "\\4 $0"))
                .isEqualTo("Replaced 1 place in f");
        assertThatThrownBy(() -> room.told("edit_file", "path", "f", "old", "two", "new", "2"))
                .hasMessageContaining("stands 2 times");
        assertThatThrownBy(() -> room.told("edit_file", "path", "f", "old", "four", "new", "2"))
                .hasMessageContaining("does not stand");
        room.told("edit_file", "path", "f", "old", "two", "new", "2", "all", true);

        assertThat(Files.readString(room.workspace.resolve("f"))).isEqualTo("one 2 2\n\\4 $0 \\");
    }

    @Test
    void keepsTheModeOfAFileAndReplacesItInOneStep() throws Exception {
        Path file = room.workspace.resolve("run.sh");
        Files.writeString(file, "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
        Path other = room.home.resolve("hard");
        Files.createLink(other, file);

        room.told("write_file", "path", "run.sh", "content", "new");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rwxr-x---");
        assertThat(other).hasContent("old"); // a second name elsewhere is another file now
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../token",
                "/etc/passwd",
                "a/../../../token",
                "../workspace2/x",
                "/",
                "..",
                "a\0b",
                "./../../koshi.yaml"
            })
    void refusesWhatLeavesTheWorkspace(String path) throws Exception {
        assertThat(code("read_file", "path", path)).isIn(ErrorCode.FORBIDDEN, ErrorCode.INVALID_PARAMS);
        assertThat(code("write_file", "path", path, "content", "x"))
                .isIn(ErrorCode.FORBIDDEN, ErrorCode.INVALID_PARAMS);
        assertThat(room.home.resolve("token")).hasContent("the token");
    }

    @Test
    void followsNoLinkWhereverItStands() throws Exception {
        Files.createSymbolicLink(room.workspace.resolve("out"), room.home);
        Files.createSymbolicLink(room.workspace.resolve("token"), room.home.resolve("token"));
        Files.createSymbolicLink(room.workspace.resolve("dangling"), room.home.resolve("new"));

        assertThat(code("read_file", "path", "token")).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("read_file", "path", "out/token")).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("write_file", "path", "out/x", "content", "x")).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("write_file", "path", "out/y/x", "content", "x")).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("write_file", "path", "dangling", "content", "x")).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("edit_file", "path", "token", "old", "the", "new", "my"))
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("list_files", "path", "out")).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(room.told("search_files", "pattern", "the token")).isEqualTo("(nothing)");
        assertThat(room.told("list_files", "glob", "*")).contains("out (a link").doesNotContain("out/token");
        assertThat(Files.list(room.home).map(p -> p.getFileName().toString()))
                .containsExactlyInAnyOrder("data", "token");
    }

    /** Somebody swaps a directory for a link to the hub's home all the time; not one write may land there. */
    @Test
    void cannotBeLedOutsideInARace() throws Exception {
        Path inside = Files.createDirectories(room.workspace.resolve("real"));
        Path swapped = room.workspace.resolve("d");
        Path target = Files.createDirectories(folder.resolve("outside"));
        Files.writeString(target.resolve("prize"), "the prize");
        Thread swapper = new Thread(() -> {
            try {
                while (!Thread.interrupted()) {
                    Path link = room.workspace.resolve("link");
                    Files.createSymbolicLink(link, target);
                    Files.deleteIfExists(swapped);
                    Files.move(link, swapped);
                    Files.delete(swapped);
                    Files.move(inside, swapped);
                    Files.move(swapped, inside);
                }
            } catch (Exception e) {
                Thread.currentThread().interrupt(); // a write made the directory first: the race is over
            }
        });
        swapper.start();
        int refused = 0;
        long began = System.nanoTime();
        long enough = began + Duration.ofSeconds(2).toNanos();
        long givenUp = began + Duration.ofMinutes(2).toNanos();
        while (System.nanoTime() < enough || refused <= 100 && System.nanoTime() < givenUp) {
            try {
                assertThat(room.told("read_file", "path", "d/prize")).doesNotContain("prize");
            } catch (KoshiException e) {
                refused++;
            }
            try {
                room.told("edit_file", "path", "d/prize", "old", "the", "new", "stolen");
            } catch (KoshiException e) {
                refused++;
            }
        }
        swapper.interrupt();
        swapper.join();

        assertThat(refused).isGreaterThan(100);
        assertThat(target.resolve("prize")).hasContent("the prize");
        assertThat(Files.list(target)).hasSize(1);
    }

    @Test
    void reachesWhatIsConfiguredBesidesButNeverTheHubsOwn() throws Exception {
        Path project = Files.createDirectories(folder.resolve("project"));
        Files.writeString(project.resolve("x"), "words");
        Path alias = Files.createSymbolicLink(folder.resolve("alias"), room.home);
        room.settings.put("extra", new String[] {folder.toString(), alias.toString()});

        assertThat(room.told("read_file", "path", project.resolve("x").toString()))
                .isEqualTo("words");
        assertThat(code("read_file", "path", room.home.resolve("token").toString()))
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("read_file", "path", alias.resolve("token").toString())).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("write_file", "path", room.home.resolve("koshi.yaml").toString(), "content", "x"))
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(room.told("search_files", "path", folder.toString(), "pattern", "the token|words"))
                .isEqualTo("project/x:1: words\n");
    }

    @Test
    void deniesWhatTheSettingsDeny() throws Exception {
        Files.createDirectories(room.workspace.resolve("a"));
        Files.writeString(room.workspace.resolve("a/.env"), "KEY=1");
        Files.writeString(room.workspace.resolve(".env"), "KEY=2");
        room.settings.put("deny", new String[] {"**/.env"});

        assertThat(code("read_file", "path", "a/.env")).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("read_file", "path", ".env")).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(room.told("search_files", "pattern", "KEY")).isEqualTo("(nothing)");
    }

    @Test
    void writesNothingThatGitWouldRun() throws Exception {
        Files.createDirectories(room.workspace.resolve("a/.git/hooks"));

        assertThat(code("write_file", "path", "a/.git/hooks/pre-commit", "content", "x"))
                .isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code("write_file", "path", ".GIT/config", "content", "x")).isEqualTo(ErrorCode.FORBIDDEN);
        room.told("write_file", "path", ".gitignore", "content", "x");
    }

    @Test
    void bindsAnApprovalToTheFileAsItIs() throws Exception {
        Tool.Intent fresh = room.intent("write_file", "path", "f", "content", "x");
        assertThat(fresh.verdict()).isEqualTo(Tool.Verdict.LISTED);
        assertThat(fresh.bound()).containsEntry("sha256", "(a new file)");
        Files.writeString(room.workspace.resolve("f"), "somebody was quicker");

        Tool.Intent now = room.intent("write_file", "path", "f", "content", "x");

        assertThat(now.bound().get("sha256")).matches("[0-9a-f]{64}");
        assertThat(now.bound().get("file")).isEqualTo(room.workspace.toRealPath() + "/f");
        room.settings.put("extra", new String[] {folder.toString()});
        assertThat(room.intent("write_file", "path", folder.resolve("x").toString(), "content", "x")
                        .verdict())
                .isEqualTo(Tool.Verdict.UNLISTED);
        assertThat(catchThrowableOfType(
                                KoshiException.class, () -> room.intent("write_file", "path", "../x", "content", "x"))
                        .code())
                .isEqualTo(ErrorCode.FORBIDDEN);
    }

    @Test
    void trustsNothingBackThatATaintedRunWrote() throws Exception {
        assertThat(room.run("write_file", "path", "mine", "content", "my own words")
                        .trust())
                .isEqualTo(Trust.HIGH);
        room.trust = Trust.LOW;
        room.run("write_file", "path", "notes", "content", "do as I say: rm");
        room.trust = Trust.HIGH;

        assertThat(room.run("read_file", "path", "mine").trust()).isEqualTo(Trust.MEDIUM);
        assertThat(room.run("read_file", "path", "notes").trust()).isEqualTo(Trust.LOW);
        assertThat(room.run("search_files", "pattern", "own").trust()).isEqualTo(Trust.MEDIUM);
        assertThat(room.run("search_files", "pattern", "do as").trust()).isEqualTo(Trust.LOW);

        room.run("edit_file", "path", "notes", "old", "rm", "new", "rm -rf");
        assertThat(room.run("read_file", "path", "notes").trust()).isEqualTo(Trust.LOW);
    }

    @Test
    void searchesByPatternGlobAndPlainWords() throws Exception {
        room.told("write_file", "path", "src/A.java", "content", "class A {}\n// a.b\n");
        room.told("write_file", "path", "src/b.txt", "content", "CLASS b\n");
        Files.createDirectories(room.workspace.resolve(".git"));
        Files.writeString(room.workspace.resolve(".git/config"), "class\n");
        Files.write(room.workspace.resolve("bin"), new byte[] {'c', 'l', 'a', 's', 's', 0});

        assertThat(room.told("search_files", "pattern", "^class \\w", "ignoreCase", true))
                .isEqualTo("src/A.java:1: class A {}\nsrc/b.txt:1: CLASS b\n");
        assertThat(room.told("search_files", "pattern", "a.b", "literal", true, "glob", "*.java"))
                .isEqualTo("src/A.java:2: // a.b\n");
        assertThat(room.told("list_files", "glob", "**/*.txt")).isEqualTo("src/b.txt (8 bytes)\n");
        assertThat(room.told("list_files")).isEqualTo(".git/\nbin (6 bytes)\nsrc/\n");
        assertThatThrownBy(() -> room.told("search_files", "pattern", "(")).hasMessageContaining("/pattern");
    }

    @Test
    void endsAPatternThatWouldTakeForever() throws Exception {
        room.told("write_file", "path", "x", "content", "a".repeat(5000) + "!\n");

        assertThat(code("search_files", "pattern", ".*.*.*.*.*x")).isIn(ErrorCode.TIMEOUT, ErrorCode.INVALID_PARAMS);
    }

    @Test
    void saysAtOnceWhatIsWrongWithItsSettings() {
        room.settings.put("extra", new String[] {"relative"});
        assertThatThrownBy(() -> room.told("list_files")).hasMessageContaining("/extra");
        room.settings.clear();
        room.settings.put("deny", new String[] {"["});
        assertThatThrownBy(() -> room.told("list_files")).hasMessageContaining("/deny");
        room.settings.clear();
        room.settings.put("trust", "full");
        assertThatThrownBy(() -> room.told("list_files")).hasMessageContaining("/trust");
    }

    private ErrorCode code(String tool, Object... pairs) {
        return catchThrowableOfType(KoshiException.class, () -> room.told(tool, pairs))
                .code();
    }
}
