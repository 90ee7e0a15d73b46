package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.itests.FakePlatform.Post;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
        storm(200, 4, 11);
    }

    @Test
    @Tag("extended")
    void nothingIsLostInALongStorm() throws Exception {
        storm(1000, 20, 12);
    }

    private void storm(int messages, int kills, long seed) throws Exception {
        try (FakePlatform platform = new FakePlatform(SECRET);
                Daemon daemon = Daemon.in(home).config(config(platform)).start()) {
            RetryingSender sender = new RetryingSender(daemon::http);
            AtomicInteger accepted = new AtomicInteger();
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(8);
            List<List<Runnable>> conversations = new ArrayList<>();
            int each = 20;
            for (int c = 0; c < messages / each; c++) {
                conversations.add(conversation(c, each, sender, accepted, deadline));
            }
            ExecutorService senders = Executors.newFixedThreadPool(8);
            try {
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
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(300)));
                    daemon.kill();
                    daemon.restart();
                }
                for (Future<?> one : sending) {
                    one.get(8, TimeUnit.MINUTES);
                }
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

    /** Odd conversations are chats, even ones pull requests. */
    private static List<Runnable> conversation(
            int c, int each, RetryingSender sender, AtomicInteger accepted, long deadline) {
        List<Runnable> steps = new ArrayList<>();
        for (int i = 0; i < each; i++) {
            String id = "d-" + c + "-" + i;
            byte[] body;
            String path;
            Map<String, String> headers = new LinkedHashMap<>();
            if (c % 2 == 0) {
                body = GithubDeliveries.pullRequest("octo/repo" + c, 7, "edited", c * 1000L + i);
                path = "/webhook/github";
                headers.put("X-GitHub-Event", "pull_request");
                headers.put("X-GitHub-Delivery", id);
                headers.put("X-Hub-Signature-256", GithubDeliveries.signature(SECRET, body));
            } else {
                body = ("{\"id\":\"" + id + "\",\"conversation\":\"chat" + c + "\",\"sender\":\"ann\",\"text\":\"chat "
                                + i + "\"}")
                        .getBytes(StandardCharsets.UTF_8);
                path = "/channel/http";
                headers.put("X-Koshi-Signature-256", GithubDeliveries.signature(SECRET, body));
            }
            steps.add(() -> {
                try {
                    sender.send(path, body, headers, deadline);
                    accepted.incrementAndGet();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        return steps;
    }

    private static String config(FakePlatform platform) {
        return """
                http: { port: 0 }
                plugins:
                  - { name: github, secret: "%s" }
                  - { name: http, url: "%s", secret: "%s", timeoutSeconds: 5 }
                routes:
                  - match: { channel: github, event: pull_request }
                    action: { send: { channel: http, to: "{{conversation}}", text: "{{delivery}}" } }
                  - match: { channel: http }
                    action: { reply: "ack {{text}}" }
                buffer: { batchWindowMs: 50 }
                """.formatted(SECRET, platform.uri(), SECRET);
    }
}
