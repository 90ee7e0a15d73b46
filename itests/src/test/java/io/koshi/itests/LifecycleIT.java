package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.koshi.itests.FakePlatform.Post;
import io.koshi.itests.KoshiCommand.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What signals and commands do to a hub, and what they leave. */
class LifecycleIT {
    private static final String SECRET = "life-secret";

    @TempDir
    Path home;

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    @Tag("both")
    void finishesADeliveryThatIsUnderWayBeforeItEnds(String signal) throws Exception {
        try (FakePlatform platform = new FakePlatform(SECRET);
                Daemon daemon = Daemon.in(home).config(config(platform)).start()) {
            platform.slow(Duration.ofMillis(1500));
            daemon.call("channel.send", Map.of("channel", "http", "to", "ann", "text", "under way"));
            await().until(() -> platform.begun() == 1);

            signal(daemon, signal);

            assertThat(daemon.exit()).isZero();
            assertThat(platform.posts()).extracting(Post::text).containsExactly("under way");
            assertThat(home.resolve("koshi.pid")).doesNotExist();
            assertThat(home.resolve("koshi.sock")).doesNotExist();
            platform.slow(Duration.ZERO);
            daemon.restart();
            daemon.call("channel.send", Map.of("channel", "http", "to", "ann", "text", "afterwards"));
            await().until(() -> platform.posts().size() >= 2);
            assertThat(platform.posts()).extracting(Post::text).containsExactly("under way", "afterwards");
            assertThat(platform.posts()).noneMatch(Post::duplicate);
        }
    }

    @Test
    void endsAtOnceWhenAskedTwiceAndSendsTheRestAfterTheNextStart() throws Exception {
        try (FakePlatform platform = new FakePlatform(SECRET);
                Daemon daemon = Daemon.in(home).config(config(platform)).start()) {
            platform.slow(Duration.ofMinutes(1));
            daemon.call("channel.send", Map.of("channel", "http", "to", "ann", "text", "slow"));
            daemon.call("channel.send", Map.of("channel", "http", "to", "ann", "text", "behind it"));
            await().until(() -> platform.begun() == 1);

            signal(daemon, "TERM");
            await().until(() -> daemon.log().contains("Stopping, asked by signal TERM"));
            signal(daemon, "TERM");

            assertThat(daemon.exit()).isZero();
            assertThat(platform.posts()).as("what it did not wait for").isEmpty();
            platform.slow(Duration.ZERO);
            daemon.restart();
            await().until(() ->
                    platform.posts().stream().anyMatch(post -> post.text().equals("behind it")));
            assertThat(platform.posts().stream()
                            .filter(post -> post.text().equals("slow"))
                            .filter(post -> !post.duplicate() && post.attempt() == 1))
                    .as("unmarked posts: %s", platform.posts())
                    .hasSizeLessThanOrEqualTo(1);
            assertThat(platform.posts()).extracting(Post::text).contains("slow");
        }
    }

    @Test
    void followsItsConfigurationAndDumpsItsStatusBySignal() throws Exception {
        try (Daemon daemon =
                Daemon.in(home).config("name: one\nhttp: { port: 0 }\n").start()) {
            signal(daemon, "USR1");
            await().until(() -> daemon.log().contains("Status: {"));
            daemon.config("name: two\nhttp: { port: 0 }\n");
            signal(daemon, "HUP");
            await().until(() -> daemon.call("hub.status", Map.of()).path("name").asText(), "two"::equals);
            daemon.config("nmae: three\n");
            signal(daemon, "HUP");
            await().until(() -> daemon.log().contains("koshi.yaml:1:1: /nmae"));
            JsonNode status = daemon.call("hub.status", Map.of());
            assertThat(status.path("name").asText()).isEqualTo("two");
            assertThat(status.path("pid").asLong()).isEqualTo(daemon.pid());
        }
    }

    @Test
    void writesWhatTheLogLevelOfTheMomentLetsThrough() throws Exception {
        try (Daemon daemon =
                Daemon.in(home).config("http: { port: 0 }\nlogLevel: warn\n").start()) {
            daemon.call("hub.status", Map.of("dump", true));
            assertThat(daemon.log()).doesNotContain("Status: {");

            daemon.config("http: { port: 0 }\nlogLevel: info\n");
            daemon.call("hub.reload", Map.of());

            await().until(() -> {
                daemon.call("hub.status", Map.of("dump", true));
                return daemon.log().contains("Status: {");
            });
        }
    }

    @Test
    void isLedByTheCommandThroughItsWholeLife() throws Exception {
        Files.writeString(home.resolve("koshi.yaml"), "name: led\nhttp: { port: 0 }\n");
        KoshiCommand koshi = KoshiCommand.in(home);
        for (String never : List.of("status", "stop", "reload", "watch")) {
            Outcome down = koshi.run(never, "--json");
            assertThat(down.exit()).as(never).isEqualTo(3);
            assertThat(down.error().path("error").path("code").asText())
                    .as(never)
                    .isEqualTo("SERVICE_UNAVAILABLE");
        }
        assertThat(koshi.run("chat", "hello", "--no-start").exit()).isEqualTo(3);
        assertThat(home.resolve("koshi.pid")).doesNotExist();
        try {
            Outcome called = koshi.run("call", "hub.status");
            assertThat(called.exit()).as(called.err()).isZero();
            long pid = called.json().path("pid").asLong();

            Outcome second = koshi.run("start");
            assertThat(second.exit()).isEqualTo(4);
            Outcome bad = koshi.run("call", "hub.nothing", "--json");
            assertThat(bad.exit()).isEqualTo(1);
            assertThat(bad.out()).isEmpty();
            assertThat(bad.error().path("error").path("code").asText()).isEqualTo("NO_HANDLER");
            assertThat(koshi.run("frobnicate").exit()).isEqualTo(2);
            assertThat(koshi.run("stop", "--sideways").exit()).isEqualTo(2);

            Outcome dump = koshi.run("status", "--dump");
            assertThat(dump.exit()).isZero();
            Outcome logs = koshi.run("logs", "-n", "200");
            assertThat(logs.out()).contains("Status: {", "Ready ");

            Files.writeString(home.resolve("koshi.yaml"), "name: led again\nhttp: { port: 0 }\n");
            assertThat(koshi.run("reload").exit()).isZero();
            assertThat(koshi.run("status", "--json").json().path("name").asText())
                    .isEqualTo("led again");
            Files.writeString(home.resolve("koshi.yaml"), "nmae: led\n");
            Outcome wrong = koshi.run("reload", "--json");
            assertThat(wrong.exit()).isEqualTo(1);
            assertThat(wrong.error().path("error").path("message").asText()).startsWith("koshi.yaml:1:1: /nmae");
            assertThat(koshi.run("config", "check").exit()).isEqualTo(1);
            Files.writeString(home.resolve("koshi.yaml"), "name: led\nhttp: { port: 0 }\n");
            assertThat(koshi.run("config", "check").exit()).isZero();

            Outcome again = koshi.run("restart", "--json");
            assertThat(again.exit()).as(again.err()).isZero();
            assertThat(again.json().path("pid").asLong()).isNotEqualTo(pid);
            await().until(() -> ProcessHandle.of(pid).isEmpty()); // nobody waits for it: it may be in the table, dead
        } finally {
            Outcome stop = koshi.run("stop");
            assertThat(stop.exit()).as(stop.err()).isZero();
        }
        assertThat(koshi.run("stop").exit()).isEqualTo(3);
    }

    @Test
    void twoCommandsThatNeedAHubAtTheSameMomentShareOne() throws Exception {
        Files.writeString(home.resolve("koshi.yaml"), "http: { port: 0 }\n");
        KoshiCommand koshi = KoshiCommand.in(home);
        ExecutorService both = Executors.newFixedThreadPool(2);
        try {
            Future<Outcome> one = both.submit(() -> koshi.run("call", "hub.status"));
            Future<Outcome> other = both.submit(() -> koshi.run("call", "hub.status"));
            assertThat(one.get().exit()).as(one.get().err()).isZero();
            assertThat(other.get().exit()).as(other.get().err()).isZero();
            assertThat(one.get().json().path("pid"))
                    .isEqualTo(other.get().json().path("pid"));
        } finally {
            both.shutdownNow();
            koshi.run("stop");
        }
    }

    @Test
    void letsNoChildOfItsOwnEndIt() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("http: { port: 0 }\n").start()) {
            KoshiCommand child = KoshiCommand.in(home).environment("KOSHI_RUN", "r1");
            for (String forbidden : List.of("stop", "restart", "reload")) {
                Outcome refused = child.run(forbidden, "--json");
                assertThat(refused.exit()).as(forbidden).isEqualTo(4);
                assertThat(refused.error().path("error").path("code").asText()).isEqualTo("FORBIDDEN");
            }
            for (String method : List.of("hub.stop", "hub.reload")) {
                Outcome called = child.run("call", method, "--json");
                assertThat(called.exit()).as(method).isEqualTo(4);
                assertThat(called.error().path("error").path("code").asText()).isEqualTo("FORBIDDEN");
            }
            assertThat(child.run("status").exit()).isZero();
            assertThat(daemon.call("hub.status", Map.of()).path("state").asText())
                    .isEqualTo("ready");
        }
    }

    private static void signal(Daemon daemon, String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(daemon.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(kill.exitValue()).isZero();
    }

    private static String config(FakePlatform platform) {
        return """
                http: { port: 0 }
                plugins:
                  - { name: http, url: "%s", secret: "%s", timeoutSeconds: 30 }
                """.formatted(platform.uri(), SECRET);
    }
}
