package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.koshi.itests.FakePlatform.Post;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * koshi.yaml is changed again and again while messages flow: other rules each time, and a second instance of a plugin that
 * is there and is not. Every message is routed by one state of the rules, nothing is lost or overtaken, and what was
 * addressed to the instance while it was away goes out when it is back.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RulesChangeIT {
    private static final String SECRET = "rules-secret";
    private static final int CONVERSATIONS = 3;

    @TempDir
    Path home;

    private final AtomicIntegerArray accepted = new AtomicIntegerArray(CONVERSATIONS);
    private volatile boolean sending = true;

    @Test
    void everyMessageMeetsOneStateOfTheRules() throws Exception {
        storm(20);
    }

    @Test
    @Tag("extended")
    void everyMessageMeetsOneStateOfTheRulesThroughManyReloads() throws Exception {
        storm(200);
    }

    private void storm(int reloads) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CONVERSATIONS);
        try (FakePlatform first = new FakePlatform(SECRET);
                FakePlatform second = new FakePlatform(SECRET);
                Daemon daemon =
                        Daemon.in(home).config(config(0, true, first, second)).start();
                FrameSocket admin = daemon.frames()) {
            String neighbour = plugin(admin, "http").toString();
            List<Future<?>> senders = new ArrayList<>();
            for (int c = 0; c < CONVERSATIONS; c++) {
                int conversation = c;
                senders.add(threads.submit(() -> send(daemon, conversation)));
            }
            for (int i = 1; i <= reloads; i++) {
                int sent = accepted.get(0);
                boolean last = i == reloads;
                Path draft = Files.writeString(home.resolve("draft"), config(i, last || i % 2 == 0, first, second));
                Files.move(draft, home.resolve("koshi.yaml"), StandardCopyOption.ATOMIC_MOVE);
                admin.call("hub.reload", Map.of());
                await().atMost(Duration.ofMinutes(1)).until(() -> accepted.get(0) > sent);
            }
            sending = false;
            for (Future<?> sender : senders) {
                sender.get(1, TimeUnit.MINUTES);
            }
            await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
                assertThat(first.posts()).hasSize(total());
                assertThat(second.posts()).hasSize(total());
            });

            for (int c = 0; c < CONVERSATIONS; c++) {
                checkOrder(first, c, true);
                checkOrder(second, c, false);
            }
            assertThat(plugin(admin, "http").toString()).as("the neighbour").isEqualTo(neighbour);
            JsonNode status = admin.call("hub.status", Map.of());
            assertThat(status.path("outbox").path("dead").asInt()).isZero();
            assertThat(status.path("buffer").path("dead").asInt()).isZero();
        } finally {
            sending = false;
            threads.shutdownNow();
        }
    }

    private int total() {
        int total = 0;
        for (int c = 0; c < CONVERSATIONS; c++) {
            total += accepted.get(c);
        }
        return total;
    }

    /** @param ruled whether each text begins with the number of the rules it was routed by, which never goes back */
    private void checkOrder(FakePlatform platform, int conversation, boolean ruled) {
        List<Post> posts = platform.posts().stream()
                .filter(post -> post.to().equals("c" + conversation))
                .toList();
        assertThat(posts).noneMatch(Post::duplicate);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < accepted.get(conversation); i++) {
            expected.add("m" + i);
        }
        assertThat(posts.stream().map(post -> post.text().replaceFirst(".* ", "")))
                .containsExactlyElementsOf(expected);
        if (ruled) {
            assertThat(posts.stream()
                            .map(post -> Integer.parseInt(post.text().split(" ")[0]))
                            .toList())
                    .isSorted();
        }
    }

    private Void send(Daemon daemon, int conversation) throws InterruptedException {
        RetryingSender sender = new RetryingSender(daemon::http);
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(9);
        while (sending) {
            int i = accepted.get(conversation);
            byte[] body = "{\"id\":\"d-%d-%d\",\"conversation\":\"c%d\",\"sender\":\"ann\",\"text\":\"m%d\"}"
                    .formatted(conversation, i, conversation, i)
                    .getBytes(StandardCharsets.UTF_8);
            sender.send(
                    "/channel/http",
                    body,
                    Map.of("X-Koshi-Signature-256", GithubDeliveries.signature(SECRET, body)),
                    deadline);
            accepted.set(conversation, i + 1);
        }
        return null;
    }

    private static JsonNode plugin(FrameSocket admin, String entry) throws IOException {
        for (JsonNode each : admin.call("plugin.list", Map.of()).path("plugins")) {
            if (each.path("name").asText().equals(entry)
                    && each.path("instance").isMissingNode()) {
                return each;
            }
        }
        throw new AssertionError("no plugin " + entry);
    }

    private static String config(int state, boolean both, FakePlatform first, FakePlatform second) {
        String entry = "  - { name: http~two, url: \"%s\", secret: \"%s\", timeoutSeconds: 60 }\n"
                .formatted(second.uri(), SECRET);
        return """
                http: { port: 0 }
                plugins:
                  - { name: http, url: "%s", secret: "%s", timeoutSeconds: 60 }
                %sroutes:
                  - match: { channel: http }
                    action:
                      - { reply: "%d {{text}}" }
                      - { send: { channel: http~two, to: "{{conversation}}", text: "{{text}}" } }
                buffer: { batchWindowMs: 20 }
                """.formatted(first.uri(), SECRET, both ? entry : "", state);
    }
}
