package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.itests.FakePlatform.Post;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promise: the hub is killed with SIGKILL at random moments while signed deliveries and chat messages
 * arrive from senders that try again, and every one is answered at the platform exactly once or its
 * repeat is marked, in order within each conversation.
 */
class KillStormIT {
    private static final String SECRET = "storm-secret";

    @TempDir
    Path home;

    @Test
    void nothingIsLostInAShortStorm() throws Exception {
        storm(200, 4, 11, false);
    }

    @Test
    @Tag("extended")
    void nothingIsLostInALongStorm() throws Exception {
        storm(1000, 20, 12, false);
    }

    @Test
    void nothingIsLostInAShortStormWhilePluginsAreReplaced() throws Exception {
        storm(120, 2, 13, true);
    }

    @Test
    @Tag("extended")
    void nothingIsLostInALongStormWhilePluginsAreReplaced() throws Exception {
        storm(1000, 20, 14, true);
    }

    /** @param replacing whether a neighbour is replaced, or the way out itself reloaded, every second */
    private void storm(int messages, int kills, long seed, boolean replacing) throws Exception {
        try (FakePlatform platform = new FakePlatform(SECRET);
                Daemon daemon = Daemon.in(home).config(config(platform)).start()) {
            RetryingSender sender = new RetryingSender(daemon::http);
            AtomicInteger accepted = new AtomicInteger();
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(8);
            List<List<Runnable>> conversations = new ArrayList<>();
            int each = 20;
            for (int c = 0; c < messages / each; c++) {
                conversations.add(conversation(c, each, sender, daemon, accepted, deadline));
            }
            ExecutorService senders = Executors.newFixedThreadPool(9);
            try (Replacer replacer = new Replacer(daemon, home)) {
                if (replacing) {
                    senders.execute(replacer);
                }
                List<Future<?>> sending = new ArrayList<>();
                for (List<Runnable> conversation : conversations) {
                    sending.add(senders.submit(() -> conversation.forEach(Runnable::run)));
                }
                Random random = new Random(seed);
                for (int kill = 0; kill < kills; kill++) {
                    // the next kill falls at random within the next stretch of arrivals
                    int next = Math.min(messages, (kill * messages + random.nextInt(messages)) / kills);
                    await().atMost(Duration.ofMinutes(3))
                            .pollInterval(Duration.ofMillis(2))
                            .until(() -> accepted.get() >= next || done(sending));
                    int replacements = replacing ? kill + 1 : 0;
                    await().atMost(Duration.ofMinutes(3)).until(() -> replacer.done() >= replacements);
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(300)));
                    daemon.kill();
                    daemon.restart();
                }
                for (Future<?> one : sending) {
                    one.get(8, TimeUnit.MINUTES);
                }
                assertThat(replacer.done() > 0).isEqualTo(replacing);
            } finally {
                senders.shutdownNow();
            }
            await().atMost(Duration.ofMinutes(3))
                    .untilAsserted(() -> assertThat(texts(platform)).hasSize(messages));
            check(platform, messages, each);
            System.getLogger("storm")
                    .log(
                            System.Logger.Level.INFO,
                            "{0} messages, {1} kills, {2} posts, {3} marked",
                            messages,
                            kills,
                            platform.posts().size(),
                            platform.posts().stream().filter(Post::duplicate).count());
        }
    }

    private static boolean done(List<Future<?>> sending) {
        return sending.stream().allMatch(Future::isDone);
    }

    private static Map<String, List<Post>> texts(FakePlatform platform) {
        Map<String, List<Post>> texts = new HashMap<>();
        platform.posts()
                .forEach(post -> texts.computeIfAbsent(post.to() + " " + post.text(), t -> new ArrayList<>())
                        .add(post));
        return texts;
    }

    private static void check(FakePlatform platform, int messages, int each) {
        assertThat(platform.refused()).isEmpty();
        texts(platform).forEach((text, posts) -> {
            assertThat(posts.stream().map(Post::id).distinct())
                    .as("one reply for " + text)
                    .hasSize(1);
            // a marked one may be the only one: the kill fell between the hub's commit and the platform
            assertThat(posts.stream().filter(post -> !post.duplicate()))
                    .as("unmarked posts of " + text + ": " + posts)
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(posts.size()).as("posts of " + text + ": " + posts).isLessThanOrEqualTo(3);
        });
        // the order of each conversation, a repeat counted where it came first
        Map<String, LinkedHashMap<String, Post>> first = new HashMap<>();
        platform.posts()
                .forEach(post -> first.computeIfAbsent(post.to(), to -> new LinkedHashMap<>())
                        .putIfAbsent(post.text(), post));
        assertThat(first).hasSize(messages / each);
        first.forEach((to, posts) -> assertThat(posts.keySet().stream()
                        .map(text -> Integer.parseInt(text.replaceFirst(".*[ -]", "")))
                        .toList())
                .as("order in " + to)
                .isSorted()
                .hasSize(each));
    }

    /** In turn: pull requests, chats of the platform, and chats over the socket. */
    private static List<Runnable> conversation(
            int c, int each, RetryingSender sender, Daemon daemon, AtomicInteger accepted, long deadline) {
        List<Runnable> steps = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            String id = "d-" + c + "-" + i;
            String text = "chat " + i;
            steps.add(
                    switch (c % 3) {
                        case 0 -> delivery(c, i, id, sender, deadline);
                        case 1 -> chat("chat" + c, id, text, sender, deadline);
                        default -> () -> say(daemon, "chat" + c, id, text, deadline);
                    });
            steps.add(accepted::incrementAndGet);
        }
        return steps;
    }

    private static Runnable delivery(int c, int i, String id, RetryingSender sender, long deadline) {
        byte[] body = GithubDeliveries.pullRequest("octo/repo" + c, 7, "edited", c * 1000L + i);
        Map<String, String> headers = Map.of(
                "X-GitHub-Event",
                "pull_request",
                "X-GitHub-Delivery",
                id,
                "X-Hub-Signature-256",
                GithubDeliveries.signature(SECRET, body));
        return () -> post(sender, "/webhook/github", body, headers, deadline);
    }

    private static Runnable chat(String to, String id, String text, RetryingSender sender, long deadline) {
        byte[] body = "{\"id\":\"%s\",\"conversation\":\"%s\",\"sender\":\"ann\",\"text\":\"%s\"}"
                .formatted(id, to, text)
                .getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = Map.of("X-Koshi-Signature-256", GithubDeliveries.signature(SECRET, body));
        return () -> post(sender, "/channel/http", body, headers, deadline);
    }

    private static void post(
            RetryingSender sender, String path, byte[] body, Map<String, String> headers, long deadline) {
        try {
            sender.send(path, body, headers, deadline);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Over the socket, until it is answered; what was said twice has the same id. */
    private static void say(Daemon daemon, String conversation, String id, String text, long deadline) {
        while (true) {
            try {
                daemon.call("channel.receive", Map.of("conversation", conversation, "externalId", id, "text", text));
                return;
            } catch (IOException | RuntimeException down) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("never answered: " + id, down);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    /** Every second: a neighbour is replaced by another build, then the channel that answers is reloaded. */
    private static final class Replacer implements Runnable, AutoCloseable {
        private final Daemon daemon;
        private final String[] builds;
        private final AtomicInteger done = new AtomicInteger();
        private final CountDownLatch ending = new CountDownLatch(1);

        Replacer(Daemon daemon, Path home) throws IOException {
            this.daemon = daemon;
            Path built = Path.of(Examples.jar("notes"));
            Path again = GuestPlugin.rebuilt(built, "1.0.1", home.resolve("notes-again.jar"));
            this.builds = new String[] {built.toString(), again.toString()};
        }

        int done() {
            return done.get();
        }

        @Override
        public void run() {
            try {
                for (int i = 0; !ending.await(1, TimeUnit.SECONDS); i++) {
                    replace(i);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void replace(int i) {
            try {
                daemon.call("plugin.add", Map.of("source", builds[i % 2]));
                daemon.call("plugin.reload", Map.of("name", "http"));
                done.incrementAndGet();
            } catch (IOException | RuntimeException down) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20)); // killed just now; the next second it is back
            }
        }

        @Override
        public void close() {
            ending.countDown();
        }
    }

    private static String config(FakePlatform platform) {
        return """
                http: { port: 0 }
                plugins:
                  - { name: github, secret: "%s" }
                  - { name: http, url: "%s", secret: "%s", timeoutSeconds: 30 }
                routes:
                  - match: { channel: github, event: pull_request }
                    action: { send: { channel: http, to: "{{conversation}}", text: "{{delivery}}" } }
                  - match: { channel: http }
                    action: { reply: "ack {{text}}" }
                  - match: { channel: console }
                    action: { send: { channel: http, to: "{{conversation}}", text: "ack {{text}}" } }
                buffer: { batchWindowMs: 50 }
                """.formatted(SECRET, platform.uri(), SECRET);
    }
}
