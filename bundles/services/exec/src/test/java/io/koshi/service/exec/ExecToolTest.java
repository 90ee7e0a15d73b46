package io.koshi.service.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.Health.Status;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.pool.internal.Workshop;
import io.koshi.tool.Tool;
import io.koshi.tool.Tool.Verdict;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class ExecToolTest {
    @TempDir
    Path folder;

    private final Map<String, Object> settings = new HashMap<>();
    private Path home;
    private Path workspace;
    private Workshop workshop;
    private Optional<String> skill = Optional.empty();

    @BeforeEach
    void open() throws IOException {
        home = Files.createDirectories(folder.resolve("home")).toRealPath();
        workspace = Files.createDirectories(home.resolve("workspace"));
        Files.writeString(home.resolve("token"), "the token");
        workshop = new Workshop(Files.createDirectories(home.resolve("data")), System.getenv());
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void runsAProgramAndTellsHowItEnded() throws Exception {
        Tool.Output output = run("sort", "-r");
        assertThat(output.text()).isEqualTo("exit code 0\n--- standard output ---\nb\na");
        assertThat(output.ok()).isTrue();
        assertThat(output.trust()).isEqualTo(Trust.MEDIUM);

        Tool.Output failed = run("ls", "nothing");
        assertThat(failed.text()).startsWith("exit code 2\n--- standard error ---\n");
        assertThat(failed.ok()).isFalse();
        assertThatThrownBy(() -> run("no-such-program")).hasMessageContaining("there is no program");
    }

    @Test
    void takesEveryArgumentAsItStands() throws Exception {
        assertThat(run("printf", "%s|", "a b", "$HOME", "`id`", ";", "*", "").text())
                .endsWith("a b|$HOME|`id`|;|*||");
    }

    @Test
    void seesOnlyTheWorkspaceWritableBehindBubblewrap() throws Exception {
        assumeThat(works("bwrap")).isTrue();
        settings.put("sandbox", "bubblewrap");
        script("try", """
                echo x > inside && echo wrote inside
                echo x > %1$s/outside 2>/dev/null || echo not outside
                echo x > /etc/koshi-was-here 2>/dev/null || echo not in etc
                cat %1$s/token 2>/dev/null || echo no token
                ls -A %1$s
                ps -e 2>/dev/null | grep -c java || echo no java
                """.formatted(home));

        assertThat(run("./try").text())
                .contains("wrote inside", "not outside", "not in etc", "no token", "no java")
                .doesNotContain("data");
        assertThat(workspace.resolve("inside")).exists();
        assertThat(home.resolve("outside")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bubblewrap", "namespace"})
    void reachesNoNetworkUnlessAllowed(String sandbox) throws Exception {
        assumeThat(works(sandbox.equals("namespace") ? "unshare" : "bwrap")).isTrue();
        settings.put("sandbox", sandbox);
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            script("call", "exec 3<>/dev/tcp/127.0.0.1/" + server.getLocalPort() + " && echo through");

            assertThat(run("./call").ok()).isFalse();

            settings.put("network", true);
            Tool.Output open = run("./call");
            assertThat(open.text()).contains("through");
            assertThat(open.trust()).isEqualTo(Trust.LOW);
        }
    }

    @Test
    void cannotSeeTheHubBehindANamespace() throws Exception {
        assumeThat(works("unshare")).isTrue();
        settings.put("sandbox", "namespace");

        assertThat(run("ls", "/proc/" + ProcessHandle.current().pid() + "/environ")
                        .ok())
                .isFalse();
    }

    @Test
    void givesAProgramNoSecretAndNoSocketButTheMark() throws Exception {
        assertThat(run("printenv").text())
                .contains("KOSHI_CHILD=", "GIT_TERMINAL_PROMPT=0")
                .doesNotContain("koshi.sock", "XDG_RUNTIME_DIR", "_KEY=", "_TOKEN=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "none"})
    void leavesNothingRunning(String sandbox) throws Exception {
        settings.put("sandbox", sandbox);
        String mark = "61" + System.nanoTime() % 100_000;
        script("leave", """
                sleep %1$s &
                (setsid bash -c 'trap "" TERM HUP INT; (sleep %1$s; true) & wait' &)
                echo left
                """.formatted(mark));

        assertThat(run("./leave").text()).contains("left");

        assertThat(sleeping(mark)).isEmpty();
    }

    @Test
    void stopsWhatTakesTooLongWithAllItStarted() throws Exception {
        String mark = "62" + System.nanoTime() % 100_000;
        settings.put("timeoutSeconds", 1);
        script("hang", "trap '' TERM; (setsid sleep %1$s &); sleep %1$s; sleep %1$s".formatted(mark));

        Tool.Output output = run("./hang");

        assertThat(output.text()).startsWith("stopped: it took longer than 1 s");
        assertThat(output.ok()).isFalse();
        assertThat(sleeping(mark)).isEmpty();
    }

    @Test
    void endsWithItsThread() throws Exception {
        String mark = "63" + System.nanoTime() % 100_000;
        Thread asking = new Thread(() -> {
            try {
                run("sleep", mark);
            } catch (Exception stopped) {
                Thread.currentThread().interrupt();
            }
        });
        asking.start();
        await().until(() -> !sleeping(mark).isEmpty());
        asking.interrupt();
        asking.join(120_000);

        assertThat(asking.isAlive()).isFalse();
        await().until(() -> sleeping(mark).isEmpty());
    }

    @Test
    void keepsTheBeginningAndTheEndOfMuchAndStopsWhatNeverEnds() throws Exception {
        Tool.Output much = run("seq", "1", "200000");
        assertThat(much.text())
                .contains("\n1\n2\n", "characters are left out here", "\n200000")
                .hasSizeLessThan(40_000);

        Tool.Output endless = run("yes", "x".repeat(1000));
        assertThat(endless.text()).startsWith("stopped: it did not stop printing");
        assertThat(endless.ok()).isFalse();
    }

    @Test
    void holdsAProgramToItsMemory() throws Exception {
        settings.put("memoryMB", 64);
        script("eat.py", "x = 'x' * (300 << 20)\nprint(len(x))", "#!/usr/bin/env python3");
        assumeThat(works("python3")).isTrue();

        assertThat(run("./eat.py").text()).contains("MemoryError");
    }

    @Test
    void bindsAnApprovalToProgramDirectoryAndFiles() throws Exception {
        script("build", "echo 1");
        Map<String, String> before = intent("./build", "--file=build").bound();
        assertThat(before)
                .containsEntry("directory", workspace.toString())
                .containsKey("program")
                .containsKey("file --file=build");

        script("build", "echo 2");

        assertThat(intent("./build", "--file=build").bound()).isNotEqualTo(before);
    }

    @Test
    void listsForAllAndForASkill() throws Exception {
        settings.put("allow", new String[] {"git"});
        settings.put("deny", new String[] {"git push"});
        settings.put("skills.review.allow", new String[] {"ls"});
        settings.put("skills.review.deny", new String[] {"ls -R"});

        assertThat(intent("git", "status").verdict()).isEqualTo(Verdict.LISTED);
        assertThat(intent("git", "-C", "x", "push").verdict()).isEqualTo(Verdict.FORBIDDEN);
        assertThat(intent("ls").verdict()).isEqualTo(Verdict.UNLISTED);
        skill = Optional.of("review");
        assertThat(intent("ls").verdict()).isEqualTo(Verdict.LISTED);
        assertThat(intent("git", "status").verdict()).isEqualTo(Verdict.UNLISTED);
        assertThat(intent("ls", "-l", "-R").verdict()).isEqualTo(Verdict.FORBIDDEN);
        assertThat(intent("git", "push").verdict()).isEqualTo(Verdict.FORBIDDEN);
    }

    @Test
    void theFloorHoldsAlsoPastTheGuard() {
        settings.put("allow", new String[] {"bash", "env"});

        assertThat(catchThrowableOfType(KoshiException.class, () -> run("bash", "-c", "id"))
                        .code())
                .isEqualTo(ErrorCode.FORBIDDEN);
    }

    @Test
    void staysInTheWorkspace() throws Exception {
        Files.createSymbolicLink(workspace.resolve("out"), home);
        for (String directory : List.of("..", "/etc", "out")) {
            assertThatThrownBy(() -> tool().run(context(), Map.of("argv", List.of("ls"), "directory", directory)))
                    .isInstanceOfSatisfying(
                            KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
        }
    }

    @Test
    void refusesWhereTheToolsOfTheWallsAreMissing() throws Exception {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        try (Workshop poor = new Workshop(home.resolve("data"), Map.of("PATH", bin.toString()))) {
            ExecTool tool = new ExecTool(poor.children(), poor.pools(), said(), properties());

            assertThat(tool.health().status()).isEqualTo(Status.UNHEALTHY);
            assertThat(tool.health().message().orElseThrow()).contains("setsid", "util-linux");
            assertThat(catchThrowableOfType(
                                    KoshiException.class, () -> tool.run(context(), Map.of("argv", List.of("ls"))))
                            .code())
                    .isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
        }
    }

    @Test
    void saysAtOnceWhatIsWrongWithItsSettings() {
        settings.put("sandbox", "docker");
        assertThatThrownBy(this::tool).hasMessageContaining("/sandbox");
        settings.clear();
        settings.put("allow", new String[] {"*"});
        assertThatThrownBy(this::tool).hasMessageContaining("/allow");
    }

    private Tool.Output run(String... argv) throws Exception {
        return tool().run(context(), Map.of("argv", List.of(argv), "input", "a\nb\n"));
    }

    private Tool.Intent intent(String... argv) {
        return tool().intent(context(), Map.of("argv", List.of(argv)));
    }

    private ExecTool tool() {
        return new ExecTool(workshop.children(), workshop.pools(), said(), properties());
    }

    private Tool.Context context() {
        return new Tool.Context("console:main", "run", "call", skill, workspace, Trust.HIGH);
    }

    private ExecSettings said() {
        return (ExecSettings) Proxy.newProxyInstance(
                ExecSettings.class.getClassLoader(),
                new Class<?>[] {ExecSettings.class},
                (proxy, method, args) -> settings.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    private Map<String, Object> properties() {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("koshi.home", home.toString());
        all.put("koshi.data", home.resolve("data").toString());
        return all;
    }

    private void script(String name, String text) throws IOException {
        script(name, text, "#!/bin/bash");
    }

    private void script(String name, String text, String head) throws IOException {
        Path file = workspace.resolve(name);
        Files.writeString(file, head + "\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static boolean works(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
    }

    /** Processes that sleep for this number of seconds, in whatever namespace. */
    private static List<String> sleeping(String seconds) {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .map(process -> process.resolve("cmdline"))
                    .map(ExecToolTest::line)
                    .filter(line -> line.endsWith("sleep " + seconds))
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String line(Path cmdline) {
        try {
            return Files.readString(cmdline).replace('\0', ' ').strip();
        } catch (IOException gone) {
            return "";
        }
    }
}
