package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The configuration changes two hundred times while deliveries come in: none is lost, and nothing of it is kept. */
@Timeout(600)
class ReloadStormIT {
    private static final String SECRET = "storm-secret";
    private static final int WARM = 20;
    private static final int RELOADS = 200;

    /** Other settings of rooms, of a plugin, and a plugin that comes and goes. */
    private static final List<String> CHANGES = List.of(
            "buffer: { batchWindowMs: 20 }\n",
            "buffer: { batchWindowMs: 5 }\nidentity: { soul: \"You are brief.\" }\n",
            "buffer: { batchWindowMs: 5 }\nlogLevel: warn\nagents: { maxConcurrent: 7 }\n",
            "buffer: { batchWindowMs: 10 }\ntools: { approvalSeconds: 7 }\nmemory: { maxSize: 7MB }\n");

    private static final List<String> PLUGINS = List.of(
            "",
            "  - { name: webhook, routes: { in: { secret: one } } }\n",
            "  - { name: webhook, routes: { in: { secret: two } } }\n",
            "  - { name: webhook, routes: { in: { secret: two } } }\n  - { name: files }\n",
            "  - { name: files }\n");

    @TempDir
    Path home;

    @Test
    void losesAndKeepsNothingOverTwoHundredReloadsUnderLoad() throws Exception {
        try (Daemon daemon = Daemon.in(home)
                        .environment("KOSHI_ARCHIVE", "use") // a run that makes one on Java 25 keeps classes for it
                        .config(config(0))
                        .start();
                FrameSocket open = daemon.frames()) {
            AtomicBoolean going = new AtomicBoolean(true);
            AtomicInteger sent = new AtomicInteger();
            ExecutorService traffic = Executors.newSingleThreadExecutor();
            try {
                Future<?> sending = traffic.submit(() -> send(daemon, going, sent));
                reload(daemon, open, 1, WARM);
                Held before = Held.by(daemon);
                List<String> files = files(daemon);
                long loaders = loaders(daemon);
                reload(daemon, open, WARM + 1, WARM + RELOADS); // ends as it began: the cycles divide both
                going.set(false);
                sending.get(120, TimeUnit.SECONDS);
                await().untilAsserted(() -> {
                    JsonNode status = open.call("hub.status", Map.of());
                    assertThat(status.path("buffer").path("unrouted").asInt()).isZero();
                    assertThat(status.path("buffer").path("dead").asInt()).isZero();
                    assertThat(open.call("task.stats", Map.of()).path("total").asInt())
                            .isEqualTo(sent.get());
                });
                await().untilAsserted(() -> {
                    Held now = Held.by(daemon);
                    assertThat(now.heapKb() - before.heapKb())
                            .as("KB of heap more")
                            .isLessThan(16 << 10);
                    assertThat(now.threads()).as("threads").isLessThanOrEqualTo(before.threads() + 2);
                    assertThat(files(daemon)).isEqualTo(files);
                    assertThat(loaders(daemon)).as("class loaders").isLessThanOrEqualTo(loaders);
                });
                assertThat(sent).hasValueGreaterThan(WARM);
            } finally {
                going.set(false);
                traffic.shutdownNow();
            }
        }
    }

    private static void reload(Daemon daemon, FrameSocket open, int from, int to) throws Exception {
        for (int i = from; i <= to; i++) {
            daemon.config(config(i));
            open.call("hub.reload", Map.of());
            assertThat(open.call("hub.status", Map.of()).path("name").asText()).isEqualTo("storm" + i);
        }
    }

    private static String config(int number) {
        return "http: { port: 0 }\ngateway: { replay: 100 }\nname: storm" + number + "\n"
                + CHANGES.get(number % CHANGES.size())
                + "plugins:\n  - { name: github, secret: \"" + SECRET + "\" }\n"
                + PLUGINS.get(number % PLUGINS.size())
                + "routes: [ { match: { channel: github }, action: { task: { title: \"in " + number + "\" } } } ]\n";
    }

    private static void send(Daemon daemon, AtomicBoolean going, AtomicInteger sent) {
        RetryingSender sender = new RetryingSender(daemon::http);
        try {
            while (going.get()) {
                int number = sent.get();
                byte[] body = GithubDeliveries.pullRequest("octo/repo-" + number % 10, number, "edited", number);
                Map<String, String> headers = Map.of(
                        "X-GitHub-Event",
                        "pull_request",
                        "X-GitHub-Delivery",
                        "storm-" + number,
                        "X-Hub-Signature-256",
                        GithubDeliveries.signature(SECRET, body));
                sender.send("/webhook/github", body, headers, System.nanoTime() + TimeUnit.MINUTES.toNanos(2));
                sent.incrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The files of the store come and go with its readers and checkpoints. */
    private static List<String> files(Daemon daemon) throws Exception {
        return daemon.files().stream()
                .filter(file -> !file.startsWith(daemon.home().resolve("data").toString()))
                .toList();
    }

    private static long loaders(Daemon daemon) throws Exception {
        return daemon.diagnose("VM.classloader_stats")
                .lines()
                .filter(line -> line.contains("BundleClassLoader"))
                .count();
    }
}
