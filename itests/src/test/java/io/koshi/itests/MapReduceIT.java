package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many items, a task for each few of them, and one that gathers: streamed, watched, and over kills of the hub. */
class MapReduceIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern ITEM = Pattern.compile("item (\\d+)");

    @TempDir
    Path home;

    private final CountDownLatch over = new CountDownLatch(1);
    private final CountDownLatch last = new CountDownLatch(1);
    private final Map<String, AtomicInteger> acknowledged = new ConcurrentHashMap<>();
    private final List<Thread> hands = new ArrayList<>();
    private Daemon daemon;
    private Process command;

    @AfterEach
    void stop() throws InterruptedException {
        over.countDown();
        last.countDown();
        for (Thread hand : hands) {
            hand.join();
        }
        if (command != null) {
            command.destroyForcibly();
        }
        daemon.close();
    }

    @Test
    void goesOnWhereItWasWhenTheHubIsKilledWhileItSplitsAndWhileItGathers() throws Exception {
        daemon = Daemon.in(home).config("http: { port: 0 }\n").start();
        int items = 4000;
        command = split("--batch", "20", "--aggregate", "all");
        try (BufferedWriter in = command.outputWriter(StandardCharsets.UTF_8)) {
            write(in, 0, items / 2);
            in.flush();
            await().atMost(Duration.ofMinutes(4))
                    .until(() -> newestSplit().path("items").asInt() > 0);
            daemon.kill();
            daemon.restart();
            write(in, items / 2, items);
        }
        await().atMost(Duration.ofMinutes(4))
                .until(() -> newestSplit().path("closed").asBoolean());
        workers(3); // the last batch is not brought before all others are
        await().atMost(Duration.ofMinutes(4))
                .until(() -> newestSplit().path("done").asInt() == 199);
        last.countDown();
        await().atMost(Duration.ofMinutes(4))
                .until(() -> newestSplit().path("done").asInt() == 200);
        daemon.kill(); // while it gathers, or just before or after
        daemon.restart();

        JsonNode task = ended();
        assertThat(task.path("status").asText()).isEqualTo("done");
        assertThat(task.path("split").toString())
                .isEqualTo(
                        "{\"items\":4000,\"batches\":200,\"done\":200,\"failed\":0,\"closed\":true,\"policy\":\"fail\"}");
        assertThat(stats().path("total").asInt()).isEqualTo(201);
        assertEachOnce(task.path("inputRef").asText(), items);
    }

    @Test
    @Tag("extended")
    void streamsAHundredThousandItemsThroughASmallHeap() throws Exception {
        last.countDown();
        daemon = Daemon.in(home)
                .config("http: { port: 0 }\nlogLevel: warn\n")
                .argument("--small")
                .start();
        int items = 100_000;
        daemon.diagnose("GC.run");
        long before = memory("VmRSS");
        command = split("--batch", "1");
        try (BufferedWriter in = command.outputWriter(StandardCharsets.UTF_8)) {
            write(in, 0, items);
        }
        workers(4);
        JsonNode task = ended();

        assertThat(task.path("status").asText()).isEqualTo("done");
        assertThat(task.path("split").path("done").asInt()).isEqualTo(items);
        assertThat(stats().path("total").asInt()).isEqualTo(items + 1);
        assertThat(acknowledged.values()).allMatch(count -> count.get() == 1);
        assertEachOnce(task.path("resultRef").asText(), items);
        long after = memory("VmHWM");
        System.out.println("RSS before " + before + " kB, highest " + after + " kB");
        assertThat(after).as("kB of memory, at its highest").isLessThan(260_000);
    }

    private Process split(String... words) throws IOException {
        List<String> line = new ArrayList<>(List.of("--json", "task", "split", "--prompt", "do {{items}}"));
        line.addAll(List.of(words));
        return KoshiCommand.in(home)
                .process(line.toArray(String[]::new))
                .redirectInput(ProcessBuilder.Redirect.PIPE)
                .redirectOutput(home.resolve("split.out").toFile())
                .redirectError(home.resolve("split.err").toFile())
                .start();
    }

    private static void write(BufferedWriter in, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            in.write("item " + i + " \u00e9\n");
        }
    }

    /** Does batches until the story is over, over kills of the hub too. */
    private void workers(int count) {
        for (int i = 0; i < count; i++) {
            String name = "w" + i;
            Thread hand = new Thread(() -> {
                try {
                    while (!over.await(20, TimeUnit.MILLISECONDS)) {
                        work(name);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            hand.start();
            hands.add(hand);
        }
    }

    /** Until the hub goes. */
    private void work(String name) throws InterruptedException {
        try (FrameSocket hub = daemon.frames()) {
            while (over.getCount() > 0) {
                for (JsonNode task : hub.call("task.lease", Map.of("worker", name, "max", 50, "waitMs", 200))
                        .path("tasks")) {
                    if (task.path("prompt").asText().contains("item 3999 ")) {
                        last.await();
                    }
                    bring(hub, task);
                }
            }
        } catch (IOException | FrameSocket.Refused gone) {
            return;
        }
    }

    private void bring(FrameSocket hub, JsonNode task) throws IOException {
        String id = task.path("taskId").asText();
        Map<String, Object> ask = Map.of(
                "taskId",
                id,
                "fence",
                task.path("fence").asLong(),
                "result",
                task.path("prompt").asText());
        try {
            hub.call("task.ack", ask);
            acknowledged.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
        } catch (FrameSocket.Refused late) {
            assertThat(late.code()).isEqualTo("CONFLICT");
        }
    }

    private JsonNode ended() throws Exception {
        assertThat(command.waitFor(600, TimeUnit.SECONDS)).isTrue();
        assertThat(command.exitValue())
                .as(Files.readString(home.resolve("split.err")))
                .isZero();
        return JSON.readTree(Files.readString(home.resolve("split.out")));
    }

    private JsonNode newestSplit() {
        try (FrameSocket hub = daemon.frames()) {
            return hub.call("task.get", Map.of("taskId", "1")).path("split");
        } catch (IOException | FrameSocket.Refused none) {
            return JSON.createObjectNode();
        }
    }

    private JsonNode stats() throws IOException {
        return daemon.call("task.stats", Map.of());
    }

    /** Each item is in exactly one line of what was gathered. */
    private void assertEachOnce(String ref, int items) throws IOException {
        BitSet seen = new BitSet(items);
        StringBuilder text = new StringBuilder();
        try (FrameSocket hub = daemon.frames()) {
            JsonNode piece = null;
            do {
                piece = hub.call(
                        "task.text",
                        Map.of(
                                "ref",
                                ref,
                                "from",
                                piece == null ? 0 : piece.path("next").asLong()));
                text.append(piece.path("text").asText());
            } while (piece.has("next"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Matcher found = ITEM.matcher(text);
        while (found.find()) {
            int item = Integer.parseInt(found.group(1));
            assertThat(seen.get(item)).as("item " + item + " twice").isFalse();
            seen.set(item);
        }
        assertThat(seen.cardinality()).isEqualTo(items);
    }

    private long memory(String which) throws IOException {
        String line = Files.readAllLines(Path.of("/proc", Long.toString(daemon.pid()), "status")).stream()
                .filter(each -> each.startsWith(which + ":"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", ""));
    }
}
