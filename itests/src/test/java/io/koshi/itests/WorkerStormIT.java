package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that die at random in the middle of their work, while tasks keep coming. */
class WorkerStormIT {
    /** How many may wait: what is left in the end is done one by one, each in a commit of its own. */
    private static final int AHEAD = 1000;

    @TempDir
    Path home;

    @Test
    void everyTaskIsDoneOnceOrDeadWithItsHistory() throws Exception {
        storm(20, Duration.ofSeconds(4));
    }

    @Test
    @Tag("extended")
    void everyTaskIsDoneOnceOrDeadWithItsHistoryForAMinute() throws Exception {
        storm(100, Duration.ofSeconds(60));
    }

    private void storm(int count, Duration time) throws Exception {
        try (Daemon daemon = Daemon.in(home)
                .config("http: { port: 0 }\ntasks: { maxAttempts: 3 }\n")
                .start()) {
            Map<String, AtomicInteger> acknowledged = new ConcurrentHashMap<>();
            AtomicBoolean over = new AtomicBoolean();
            AtomicInteger made = new AtomicInteger();
            AtomicInteger killed = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            Thread source = new Thread(() -> {
                try (FrameSocket hub = daemon.frames()) {
                    while (!over.get()) {
                        if (made.get() - acknowledged.size() > AHEAD) {
                            LockSupport.parkNanos(1_000_000);
                            continue;
                        }
                        hub.call("task.enqueue", Map.of("prompt", "work " + made.incrementAndGet()));
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            threads.add(source);
            for (int i = 0; i < count; i++) {
                long seed = i;
                threads.add(new Thread(() -> work(daemon, new Random(seed), over, acknowledged, killed)));
            }
            threads.forEach(Thread::start);
            long end = System.nanoTime() + time.toNanos();
            await().atMost(time.plusSeconds(240)).until(() -> System.nanoTime() - end > 0 && killed.get() > count);
            over.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
            finish(daemon, acknowledged);
            check(daemon, acknowledged, made.get());
        }
    }

    private static void work(
            Daemon daemon,
            Random random,
            AtomicBoolean over,
            Map<String, AtomicInteger> acknowledged,
            AtomicInteger killed) {
        while (!over.get()) {
            try (FrameSocket hub = daemon.frames()) {
                for (boolean alive = true; alive && !over.get(); ) {
                    JsonNode tasks = hub.call(
                                    "task.lease",
                                    Map.of(
                                            "worker",
                                            "w" + random.nextInt(1000),
                                            "max",
                                            1 + random.nextInt(3),
                                            "leaseMs",
                                            500,
                                            "waitMs",
                                            200))
                            .path("tasks");
                    for (JsonNode task : tasks) {
                        int fate = random.nextInt(10);
                        if (fate == 0) {
                            alive = false; // it dies with all it holds
                            killed.incrementAndGet();
                            break;
                        }
                        if (fate == 1) {
                            continue; // it forgets this one: the lease runs out
                        }
                        end(hub, task, acknowledged, fate == 2);
                    }
                }
            } catch (IOException gone) {
                assertThat(gone).isNotNull();
            }
        }
    }

    private static void end(FrameSocket hub, JsonNode task, Map<String, AtomicInteger> acknowledged, boolean badly)
            throws IOException {
        String id = task.path("taskId").asText();
        Map<String, Object> ask =
                Map.of("taskId", id, "fence", task.path("fence").asLong());
        try {
            hub.call(badly ? "task.nack" : "task.ack", ask);
            if (!badly) {
                acknowledged.computeIfAbsent(id, key -> new AtomicInteger()).incrementAndGet();
            }
        } catch (FrameSocket.Refused late) {
            assertThat(late.code()).isEqualTo("CONFLICT");
        }
    }

    /** Nobody dies any more: what is left is done. */
    private static void finish(Daemon daemon, Map<String, AtomicInteger> acknowledged) throws Exception {
        try (FrameSocket hub = daemon.frames()) {
            await().atMost(Duration.ofMinutes(5))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        JsonNode tasks = hub.call("task.lease", Map.of("worker", "last", "max", 100))
                                .path("tasks");
                        for (JsonNode task : tasks) {
                            end(hub, task, acknowledged, false);
                        }
                        JsonNode stats = hub.call("task.stats", Map.of());
                        return stats.path("queued").asInt()
                                        + stats.path("leased").asInt()
                                == 0;
                    });
        }
    }

    private static long tries(JsonNode attempts, String status) {
        long count = 0;
        for (JsonNode attempt : attempts) {
            count += attempt.path("status").asText().equals(status) ? 1 : 0;
        }
        return count;
    }

    private static void check(Daemon daemon, Map<String, AtomicInteger> acknowledged, int made) throws IOException {
        try (FrameSocket hub = daemon.frames()) {
            int seen = 0;
            JsonNode page = hub.call("task.list", Map.of("limit", 1000));
            while (true) {
                for (JsonNode task : page.path("tasks")) {
                    seen++;
                    String id = task.path("taskId").asText();
                    if (task.path("status").asText().equals("done")) {
                        assertThat(acknowledged.get(id)).as(id).isNotNull();
                        assertThat(acknowledged.get(id).get()).as(id).isEqualTo(1);
                    } else {
                        assertThat(task.path("status").asText()).isEqualTo("failed");
                        assertThat(acknowledged).doesNotContainKey(id);
                        JsonNode tries =
                                hub.call("task.get", Map.of("taskId", id)).path("attempts");
                        assertThat(tries(tries, "failed") == 3 || tries(tries, "lost") == 10)
                                .as("%s has failed three times, or ten workers were lost with it: %s", id, tries)
                                .isTrue();
                    }
                }
                if (!page.has("next")) {
                    break;
                }
                page = hub.call(
                        "task.list",
                        Map.of("limit", 1000, "before", page.path("next").asText()));
            }
            assertThat(seen).isEqualTo(made);
        }
    }
}
