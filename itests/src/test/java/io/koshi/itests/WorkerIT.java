package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** koshi worker and koshi task at the real hub. */
class WorkerIT {
    @TempDir
    static Path home;

    @TempDir
    Path place;

    private static Daemon daemon;
    private final List<Process> workers = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        daemon = Daemon.in(home)
                .config("http: { port: 0 }\ntasks: { code: true }\n")
                .start();
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @AfterEach
    void dismiss() throws InterruptedException {
        for (Process worker : workers) {
            worker.destroyForcibly().waitFor();
        }
    }

    @Test
    void doesTasksByACommandWithWhatIsKnownInItsDirectory() throws Exception {
        Files.createDirectories(place.resolve(".koshi"));
        Files.writeString(place.resolve(".koshi/context.md"), "Known here.");
        worker("--command", "tr a-z A-Z", "--workdir", place.toString());

        assertThat(done(add("say hi")).path("result").asText()).isEqualTo("KNOWN HERE.\n\nSAY HI");
        JsonNode failed = ended(add("--type", "shell", "echo nobody takes this"), Duration.ofSeconds(2));
        assertThat(failed.path("status").asText()).isEqualTo("queued");
        koshi("task", "cancel", failed.path("taskId").asText());
    }

    @Test
    void runsProgramsOnlyWhereBothAgreeAndTellsWhatWentWrong() throws Exception {
        worker("--trust-all-tools", "--isolated", "--workdir", place.toString());

        String python = add("--type", "python", "import os; print(6 * 7, os.environ.get('KOSHI_TOKEN'))");
        assertThat(done(python).path("result").asText()).isEqualTo("42 None\n");
        assertThat(done(add("--type", "shell", "basename $PWD")).path("result").asText())
                .startsWith("task-01");
        String bad = add("--type", "shell", "echo oh no >&2; exit 3");
        await().until(() ->
                show(bad).path("attempts").path(0).path("status").asText().equals("failed"));
        assertThat(show(bad).path("attempts").path(0).path("error").asText()).isEqualTo("sh ended with 3: oh no");
        koshi("task", "cancel", bad);
    }

    @Test
    void finishesWhatIsUnderWayBeforeItEnds() throws Exception {
        Process worker = worker("--command", "touch begun; sleep 1; echo finished", "--workdir", place.toString());
        String task = add("slow");
        await().until(() -> Files.exists(place.resolve("begun")));

        worker.destroy();

        assertThat(worker.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.exitValue()).isZero();
        assertThat(show(task).path("result").asText()).isEqualTo("finished\n");
    }

    @Test
    void comesBackAfterTheHubWasKilled() throws Exception {
        worker("--command", "cat", "--count", "2", "--workdir", place.toString());
        assertThat(done(add("before")).path("result").asText()).isEqualTo("before");
        daemon.kill();
        daemon.restart();

        assertThat(done(add("after")).path("result").asText()).isEqualTo("after");
    }

    @Test
    void splitsAFileIntoTasksAndGathersWhatCameOfThem() throws Exception {
        worker("--command", "cat", "--count", "4", "--workdir", place.toString());
        Path items = place.resolve("items.txt");
        Files.writeString(
                items, IntStream.range(0, 40).mapToObj(i -> "item " + i).collect(Collectors.joining("\n")));

        KoshiCommand.Outcome split = koshi(
                "--json",
                "task",
                "split",
                items.toString(),
                "--prompt",
                "do {{items}}",
                "--batch",
                "5",
                "--aggregate",
                "all");

        assertThat(split.exit()).as(split.err()).isZero();
        JsonNode task = split.json();
        assertThat(task.path("split").path("batches").asInt()).isEqualTo(8);
        assertThat(task.path("result").asText()).startsWith("all").contains("item 39");
    }

    private Process worker(String... words) throws IOException {
        List<String> line = new ArrayList<>(List.of("worker", "--lease", "10"));
        line.addAll(List.of(words));
        Process process = KoshiCommand.in(home)
                .process(line.toArray(String[]::new))
                .redirectErrorStream(true)
                .redirectOutput(place.resolve("worker.log").toFile())
                .start();
        workers.add(process);
        return process;
    }

    private static KoshiCommand.Outcome koshi(String... words) throws Exception {
        return KoshiCommand.in(home).run(words);
    }

    private static String add(String... words) throws Exception {
        List<String> line = new ArrayList<>(List.of("--json", "task", "add"));
        line.addAll(List.of(words));
        return koshi(line.toArray(String[]::new)).json().path("taskId").asText();
    }

    private static JsonNode show(String task) throws Exception {
        return koshi("--json", "task", "show", task).json();
    }

    private static JsonNode done(String task) throws Exception {
        JsonNode ended = ended(task, Duration.ofMinutes(2));
        assertThat(ended.path("status").asText()).as(ended.toString()).isEqualTo("done");
        return ended;
    }

    private static JsonNode ended(String task, Duration limit) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        JsonNode now = show(task);
        while (System.nanoTime() < end
                && !List.of("done", "failed").contains(now.path("status").asText())) {
            now = show(task);
        }
        return now;
    }
}
