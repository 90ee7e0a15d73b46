package io.koshi.pool.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.Child;
import io.koshi.api.Children.Launch;
import io.koshi.api.Children.Limits;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class BundleChildrenTest {
    private static final Map<String, String> HUB = Map.of(
            "PATH",
            System.getenv("PATH"),
            "LC_ALL",
            "C",
            "ANTHROPIC_API_KEY",
            "hush",
            "XDG_RUNTIME_DIR",
            "/run/user/1");

    @TempDir
    Path data;

    private final Threads threads = new Threads();
    private Nursery nursery;
    private BundleChildren children;

    @BeforeEach
    void open() {
        nursery = new Nursery(data, threads, HUB);
        children = new BundleChildren(nursery);
    }

    @AfterEach
    void close() {
        children.close();
        nursery.close();
        threads.stop();
    }

    private Launch sh(String script) {
        return new Launch("test", List.of("sh", "-c", script), data, Map.of("GIVEN", "yes"), Limits.NONE);
    }

    private static String read(Child child) throws IOException {
        return new String(child.out().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static boolean runs(long pid) {
        return ProcTable.find(pid).filter(proc -> !proc.dead()).isPresent();
    }

    @Test
    void runsAProgramAndTellsItsEnd() throws Exception {
        try (Child child = children.start(sh("read line; echo got $line; pwd; exit 7"))) {
            child.in().write("it\n".getBytes(StandardCharsets.UTF_8));
            child.in().close();
            assertThat(read(child)).isEqualTo("got it\n" + data.toRealPath() + "\n");
            assertThat(child.await(Duration.ofMinutes(2))).hasValue(7);
        }
        assertThat(nursery.count()).isZero();
        assertThat(Files.list(data.resolve("children"))).isEmpty();
    }

    @Test
    void givesAChildNothingOfTheHubsEnvironmentButWhatEveryProgramNeeds() throws Exception {
        try (Child child = children.start(sh("env"))) {
            assertThat(read(child))
                    .contains("PATH=", "LC_ALL=C", "GIVEN=yes", "KOSHI_CHILD=", "KOSHI_RUN=")
                    .doesNotContain("hush", "XDG_RUNTIME_DIR", data + "/koshi.sock");
        }
    }

    @Test
    void endsWhateverTheChildHasStarted() throws Exception {
        Child child = children.start(
                sh("sleep 1000 & echo $!; setsid sleep 1000 & echo $!; env -i sleep 1000 & echo $!; echo end; wait"));
        List<Long> pids = pids(child);
        assertThat(pids).hasSize(3).allMatch(BundleChildrenTest::runs);
        child.close();
        assertThat(pids).noneMatch(BundleChildrenTest::runs);
        assertThat(child.alive()).isFalse();
    }

    @Test
    void endsWhatIsLeftWhenTheChildItselfHasEnded() throws Exception {
        Child child = children.start(sh("sleep 1000 >/dev/null 2>&1 & echo $!; echo end"));
        List<Long> pids = pids(child);
        assertThat(child.await(Duration.ofMinutes(2))).hasValue(0);
        assertThat(pids).allMatch(BundleChildrenTest::runs);
        child.close();
        assertThat(pids).noneMatch(BundleChildrenTest::runs);
    }

    @Test
    void aChildThatWillNotBeAskedIsEndedAllTheSame() throws Exception {
        Child child = children.start(sh("trap '' TERM; echo end; while :; do sleep 1; done"));
        pids(child);
        child.close();
        assertThat(runs(child.pid())).isFalse();
    }

    @Test
    void outlivesTheThreadThatAskedForIt() throws Exception {
        List<Child> started = new ArrayList<>();
        Thread asker = new Thread(() -> {
            try {
                started.add(children.start(sh("sleep 1000")));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        asker.start();
        asker.join();
        assertThat(started.get(0).await(Duration.ofMillis(300))).isEmpty();
    }

    @Test
    void endsWithTheBundleThatStartedIt() throws Exception {
        Child child = children.start(sh("sleep 1000"));
        children.close();
        assertThat(runs(child.pid())).isFalse();
        assertThatThrownBy(() -> children.start(sh("sleep 1000")))
                .extracting(e -> ((KoshiException) e).code())
                .isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
        assertThat(nursery.count()).isZero();
    }

    @Test
    void holdsAProgramToItsMemory() throws Exception {
        Launch greedy = new Launch(
                "test",
                List.of("sh", "-c", "x=0123456789; while :; do x=$x$x; done"),
                data,
                Map.of(),
                Limits.memory(32 << 20));
        try (Child child = children.start(greedy)) {
            assertThat(child.await(Duration.ofMinutes(2)).orElseThrow()).isNotZero();
        }
    }

    @Test
    void saysWhichProgramIsMissing() {
        assertThatThrownBy(() ->
                        children.start(new Launch("test", List.of("no-such-program"), data, Map.of(), Limits.NONE)))
                .hasMessageContaining("no-such-program")
                .extracting(e -> ((KoshiException) e).code())
                .isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void refusesWhereTheToolsAreMissing() {
        Nursery bare = new Nursery(data, threads, Map.of("PATH", data.toString()));
        assertThat(bare.unavailable()).hasValueSatisfying(why -> assertThat(why).contains("setsid", "util-linux"));
        assertThatThrownBy(() ->
                        bare.start(new Launch("test", List.of("/bin/sh"), data, Map.of(), Limits.NONE), gone -> {}))
                .extracting(e -> ((KoshiException) e).code())
                .isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
        bare.close();
    }

    @Test
    void endsWhatAnEarlierHubHasLeftAndNobodyElse() throws Exception {
        Process left = new ProcessBuilder("setsid", "sleep", "1000").start();
        Process other = new ProcessBuilder("setsid", "sleep", "1000").start();
        try {
            await().until(() -> leads(left) && leads(other)); // setsid(1) has begun, and may not have come to it
            ChildLedger ledger = new ChildLedger(data.resolve("children"));
            ledger.add(new ChildLedger.Entry(left.pid(), ticks(left), "EARLIER.1", ProcTable.boot(), "left"));
            ledger.add(
                    new ChildLedger.Entry(other.pid(), ticks(other) - 5, "EARLIER.2", ProcTable.boot(), "pid reused"));
            Files.writeString(data.resolve("children/EARLIER.3"), "12");
            Nursery next = new Nursery(data, threads, HUB);
            await().until(() -> Files.list(data.resolve("children")).findAny().isEmpty());
            assertThat(left.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(other.isAlive()).isTrue();
            next.close();
        } finally {
            left.destroyForcibly();
            other.destroyForcibly();
        }
    }

    @Test
    void nothingIsLeftAfterAHubWasKilled() throws Exception {
        Process hub = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledHubMain.class.getName(),
                        data.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            BufferedReader said = new BufferedReader(new InputStreamReader(hub.getInputStream()));
            List<Long> pids = new ArrayList<>();
            for (String line = said.readLine(); line != null && !line.equals("end"); line = said.readLine()) {
                pids.add(Long.parseLong(line));
            }
            assertThat(pids).hasSize(4).allMatch(BundleChildrenTest::runs);
            hub.destroyForcibly().waitFor();
            await().until(() -> pids.stream().noneMatch(BundleChildrenTest::runs));
        } finally {
            hub.destroyForcibly();
        }
    }

    private static boolean leads(Process process) {
        return ProcTable.find(process.pid())
                .filter(proc -> proc.session() == process.pid())
                .isPresent();
    }

    private static long ticks(Process process) {
        // the head has to have become what it stays: setsid(1) is replaced in place
        return Optional.of(process.pid())
                .flatMap(ProcTable::find)
                .map(ProcTable.Proc::startTicks)
                .orElseThrow();
    }

    private static List<Long> pids(Child child) throws IOException {
        List<Long> pids = new ArrayList<>();
        BufferedReader lines = new BufferedReader(new InputStreamReader(child.out()));
        for (String line = lines.readLine(); !"end".equals(line); line = lines.readLine()) {
            pids.add(Long.parseLong(line));
        }
        return pids;
    }
}
