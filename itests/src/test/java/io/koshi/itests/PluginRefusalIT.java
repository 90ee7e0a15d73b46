package io.koshi.itests;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A plugin that cannot be is refused with the reason, and everything is as it was: bundles, files, neighbours. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // one hub for all: what a refusal leaves behind harms the next
class PluginRefusalIT {
    private static final String SECRET = "refusal-secret";

    private Path home;
    private Path jars;
    private FakePlatform platform;
    private Daemon daemon;
    private FrameSocket events;
    private Map<String, String> before;

    @BeforeAll
    void start(@TempDir Path directory, @TempDir Path workbench) throws IOException {
        home = directory;
        jars = workbench;
        platform = new FakePlatform(SECRET);
        daemon = Daemon.in(home)
                .config("""
                # What is refused leaves no trace here.
                http: { port: 0 }
                plugins:
                  - { name: http, url: "%s", secret: "%s" } # the neighbour
                routes:
                  - match: { channel: http }
                    action: { reply: "ack {{text}}" }
                buffer: { batchWindowMs: 0 }
                """.formatted(platform.uri(), SECRET))
                .hasty()
                .start();
        add(Path.of(Examples.jar("days")));
    }

    @AfterAll
    void stop() {
        daemon.close();
        platform.close();
    }

    @BeforeEach
    void look() throws IOException {
        before = state();
        listen();
    }

    private void listen() throws IOException {
        events = daemon.frames();
        events.call("gateway.subscribe", Map.of("topics", new String[] {"plugin.*"}));
    }

    @AfterEach
    void nothingHasChanged() throws Exception {
        events.close();
        assertThat(state()).isEqualTo(before);
        chat("after " + before.hashCode());
    }

    @Test
    void aTextFile() throws Exception {
        Path jar = Files.writeString(jars.resolve("text.jar"), "I am no jar at all.");

        refused(jar, "INVALID_PARAMS", "fetch", "cannot be read as a jar");
    }

    @Test
    void aJarThatIsNoBundle() throws Exception {
        Path jar = GuestPlugin.of("").header("Bundle-ManifestVersion", "2").write(jars.resolve("plain.jar"));
        Path plain = jars.resolve("plainer.jar");
        try (var zip = new java.util.jar.JarOutputStream(Files.newOutputStream(plain))) {
            zip.putNextEntry(new java.util.zip.ZipEntry("hello.txt"));
        }

        refused(plain, "INVALID_PARAMS", "fetch", "is no OSGi bundle");
        refused(jar, "INVALID_PARAMS", "fetch", "");
    }

    @Test
    void aJarThatIsNotThere() throws Exception {
        refused(jars.resolve("nowhere.jar"), "NOT_FOUND", "fetch", "There is no file");
    }

    @Test
    void namesThatLeaveTheDirectory() throws Exception {
        int n = 0;
        for (String name : new String[] {"../../evil.txt", "/etc/evil", "a\\..\\b", "C:/evil", "a/../../b"}) {
            Path jar = GuestPlugin.of("example.channel.slip")
                    .channel("")
                    .entry(name, "evil")
                    .write(jars.resolve("slip" + n++ + ".jar"));

            refused(jar, "INVALID_PARAMS", "fetch", "bad or repeated name");
        }
    }

    @Test
    void packagesOfTheHub() throws Exception {
        Path jar = GuestPlugin.of("example.channel.impostor")
                .channel("")
                .header("Export-Package", "example.fine,io.koshi.api;version=9")
                .write(jars.resolve("impostor.jar"));

        refused(jar, "INVALID_PARAMS", "fetch", "exports packages of the hub");
    }

    @Test
    @Tag("both")
    void aPackageThatIsNotThere() throws Exception {
        Path jar = GuestPlugin.of("example.channel.needy")
                .channel("")
                .header("Import-Package", "io.koshi.api,com.nowhere.lib;version=\"[2,3)\"")
                .write(jars.resolve("needy.jar"));

        assertThat(plan(jar).path("allowed").asBoolean()).isFalse();
        assertThat(plan(jar).path("reason").asText()).contains("com.nowhere.lib");
        refused(jar, "CONFLICT", "resolve", "com.nowhere.lib");
    }

    @Test
    void anApiOfAnotherAge() throws Exception {
        Path jar = GuestPlugin.of("example.channel.modern")
                .channel("")
                .header("Import-Package", "io.koshi.api;version=\"[7,8)\"")
                .write(jars.resolve("modern.jar"));

        refused(jar, "CONFLICT", "resolve", "io.koshi.api");
    }

    @Test
    @Tag("both")
    void aConstructorThatThrows() throws Exception {
        Path jar = GuestPlugin.of("example.channel.moody")
                .channel("if (true) throw new IllegalStateException(\"not today\");")
                .write(jars.resolve("moody.jar"));

        refused(jar, "METHOD_ERROR", "activate", "not today");
    }

    @Test
    void aConstructorThatDoesNotLink() throws Exception {
        Path jar = GuestPlugin.of("example.channel.halved")
                .channel("new other.place.Thing();")
                .source("other.place.Thing", "package other.place; public class Thing {}")
                .without("other/place/Thing.class")
                .write(jars.resolve("halved.jar"));

        refused(jar, "METHOD_ERROR", "activate", "other.place.Thing");
    }

    @Test
    void aComponentThatIsNotInTheJar() throws Exception {
        Path jar = GuestPlugin.of("example.channel.hollow")
                .channel("")
                .without("example/channel/hollow/Guest.class")
                .write(jars.resolve("hollow.jar"));

        refused(jar, "METHOD_ERROR", "activate", "example.channel.hollow.Guest");
    }

    @Test
    void anUpdateThatThrowsLeavesTheOldVersionServing() throws Exception {
        Path good = GuestPlugin.of("example.channel.twice").channel("").write(jars.resolve("twice.jar"));
        Path bad = GuestPlugin.of("example.channel.twice")
                .header("Bundle-Version", "2.0.0")
                .channel("if (true) throw new IllegalStateException(\"worse\");")
                .write(jars.resolve("twice2.jar"));
        add(good);
        events.event();
        Map<String, String> with = state();

        refused(bad, "METHOD_ERROR", "activate", "worse");

        with.remove("bundle example.channel.twice");
        Map<String, String> now = state();
        now.remove("bundle example.channel.twice");
        assertThat(now).isEqualTo(with);
        assertThat(plugin("twice").path("state").asText()).isEqualTo("active");
        assertThat(plugin("twice").path("version").asText()).isEqualTo("1.0.0");
        daemon.call("plugin.remove", Map.of("name", "twice"));
        events.event();
    }

    @Test
    void threadsOfItsOwnEndWithItAndADeafOneIsNamed() throws Exception {
        Path ended = jars.resolve("ended");
        Path letGo = jars.resolve("let-go");
        Path jar = GuestPlugin.of("example.channel.raw")
                .channel("""
                        new Thread(() -> {
                            try {
                                new java.util.concurrent.CountDownLatch(1).await();
                            } catch (InterruptedException asked) {
                                new java.io.File("%s").mkdir();
                            }
                        }, "raw-polite").start();
                        new Thread(() -> {
                            while (!new java.io.File("%s").exists()) {
                                Thread.interrupted();
                                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                            }
                        }, "raw-deaf").start();
                        """.formatted(ended, letGo))
                .write(jars.resolve("raw.jar"));
        add(jar);
        events.event();

        daemon.call("plugin.remove", Map.of("name", "raw"));
        events.event();

        await().until(() -> Files.exists(ended));
        await().until(() -> part("pool").path("data").path("stuck").toString().contains("raw-deaf"));
        assertThat(part("pool").path("data").path("stuck").toString()).doesNotContain("raw-polite");
        Files.createFile(letGo);
        await().until(() -> !part("pool").path("data").path("stuck").toString().contains("raw-deaf"));
    }

    @Test
    void aConstructorThatHangsIsGivenUpAndNobodyWaitsForIt() throws Exception {
        Path jar = GuestPlugin.of("example.channel.stuck")
                .channel("while (true) { java.util.concurrent.locks.LockSupport.park(); Thread.interrupted(); }")
                .write(jars.resolve("stuck.jar"));
        long began = System.nanoTime();
        CompletableFuture<JsonNode> adding = CompletableFuture.supplyAsync(() -> {
            try {
                return add(jar);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> state().keySet().stream().anyMatch(key -> key.contains("stuck")));
        int chats = 0;
        while (!adding.isDone()) {
            chat("hanging " + chats++);
        }

        ExecutionException failure = catchThrowableOfType(ExecutionException.class, adding::get);

        assertThat(failure.getCause())
                .isInstanceOfSatisfying(
                        FrameSocket.Refused.class, r -> assertThat(r.code()).isEqualTo("TIMEOUT"));
        assertThat(chats).as("answered while it hung").isGreaterThan(1);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
        assertThat(events.event().path("payload").path("phase").asText()).isEqualTo("timeout");
        JsonNode pool = part("pool");
        assertThat(pool.path("status").asText()).isEqualTo("degraded");
        assertThat(pool.path("data").path("stuck").toString()).contains("stuck");
        assertThat(plugin("stuck").isMissingNode()).isTrue();
    }

    @Test
    @Tag("both")
    void packagesOfAnotherPlugin() throws Exception {
        Path host = GuestPlugin.of("example.service.host")
                .header("Export-Package", "shared.words")
                .source("shared.words.Word", "package shared.words; public interface Word {}")
                .write(jars.resolve("host.jar"));
        Path guest = GuestPlugin.of("example.channel.leech")
                .header("Import-Package", "io.koshi.api,shared.words")
                .against(host)
                .channel("shared.words.Word none = null; if (none != null) throw new Exception();")
                .write(jars.resolve("leech.jar"));
        Path required = GuestPlugin.of("example.channel.limpet")
                .header("Require-Bundle", "example.service.host")
                .channel("")
                .write(jars.resolve("limpet.jar"));
        add(host);
        events.event();
        Map<String, String> with = state();

        assertThat(plan(guest).path("allowed").asBoolean()).isFalse();
        assertThat(plan(guest).path("closure").toString()).contains("example.service.host", "example.channel.leech");
        assertThat(plan(guest).path("reason").asText()).contains("host");
        refused(guest, "CONFLICT", "resolve", "host");
        refused(required, "CONFLICT", "resolve", "host");

        assertThat(state()).isEqualTo(with);
        assertThat(daemon.call("plugin.plan", Map.of("action", "remove", "name", "host"))
                        .path("closure")
                        .toString())
                .isEqualTo("[\"example.service.host\"]");
        daemon.call("plugin.remove", Map.of("name", "host"));
        events.event();
    }

    @Test
    void settingsItDoesNotHave() throws Exception {
        FrameSocket.Refused refusal = catchThrowableOfType(
                FrameSocket.Refused.class,
                () -> daemon.call(
                        "plugin.add",
                        Map.of("source", Examples.jar("folder"), "settings", Map.of("paht", "/tmp/box"))));

        assertThat(refusal.code()).isEqualTo("INVALID_PARAMS");
        assertThat(refusal).hasMessageContaining("paht").hasMessageContaining("path");
    }

    @Test
    void aBadJarInTheDeployFolderStaysThereAndChangesNothingElse() throws Exception {
        Path jar = GuestPlugin.of("example.channel.moody")
                .channel("if (true) throw new IllegalStateException(\"not today\");")
                .write(jars.resolve("deployed.jar"));
        Path dropped = home.resolve("deploy").resolve("moody.jar");
        byte[] bytes = Files.readAllBytes(jar);
        Files.move(jar, dropped, ATOMIC_MOVE);

        assertThat(events.event().path("payload").path("error").asText()).contains("not today");

        assertThat(dropped).hasBinaryContent(bytes);
        Files.delete(dropped);
    }

    @Test
    void anAddedJarThatWasChangedBehindTheHubIsNotStarted() throws Exception {
        Path added;
        try (Stream<Path> files = Files.list(home.resolve("plugins"))) {
            added = files.filter(f -> f.getFileName().toString().startsWith("days-"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] good = Files.readAllBytes(added);
        daemon.stop();
        GuestPlugin.rebuilt(Path.of(Examples.jar("days")), "6.6.6", added);
        try {
            daemon.restart();
            assertThat(plugin("days").path("state").asText()).isEqualTo("failed");
            assertThat(plugin("days").path("error").asText()).contains("plugins.lock", "SHA-256", "koshi add");
            assertThat(daemon.call("hub.health", Map.of()).path("ready").asBoolean())
                    .isTrue();
        } finally {
            daemon.stop();
            Files.write(added, good);
            daemon.restart();
            listen();
            before = state();
        }
        assertThat(plugin("days").path("state").asText()).isEqualTo("active");
    }

    private JsonNode add(Path jar) throws IOException {
        return daemon.call("plugin.add", Map.of("source", jar.toString()));
    }

    private JsonNode plan(Path jar) throws IOException {
        return daemon.call("plugin.plan", Map.of("action", "add", "source", jar.toString()));
    }

    private void refused(Path jar, String code, String phase, String why) throws IOException {
        FrameSocket.Refused refusal = catchThrowableOfType(FrameSocket.Refused.class, () -> add(jar));

        assertThat(refusal).as("adding " + jar).isNotNull().hasMessageContaining(why);
        assertThat(refusal.code()).isEqualTo(code);
        JsonNode event = events.event();
        assertThat(event.path("event").asText()).isEqualTo("plugin.failed");
        assertThat(event.path("payload").path("phase").asText()).isEqualTo(phase);
        assertThat(event.path("payload").path("rolledBack").asBoolean()).isTrue();
    }

    /** A message of the neighbour's goes in and its answer out. */
    private void chat(String text) throws Exception {
        String body = "{\"id\":\"%s\",\"conversation\":\"c\",\"sender\":\"ann\",\"text\":\"%s\"}"
                .formatted(text + System.nanoTime(), text);
        String signature = GithubDeliveries.signature(SECRET, body.getBytes(StandardCharsets.UTF_8));
        assertThat(daemon.post("/channel/http", body, "X-Koshi-Signature-256", signature)
                        .statusCode())
                .isEqualTo(200);
        await().untilAsserted(() -> assertThat(platform.posts().stream().map(FakePlatform.Post::text))
                .contains("ack " + text));
    }

    private JsonNode plugin(String name) throws IOException {
        for (JsonNode each : daemon.call("plugin.list", Map.of()).path("plugins")) {
            if (each.path("name").asText().equals(name)) {
                return each;
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private JsonNode part(String name) throws IOException {
        for (JsonNode part : daemon.call("hub.health", Map.of()).path("parts")) {
            if (part.path("name").asText().equals(name)) {
                return part;
            }
        }
        throw new AssertionError("no part " + name);
    }

    /** Bundles with their numbers, plugins, and the files that a change would touch, byte for byte. */
    private Map<String, String> state() throws IOException {
        Map<String, String> state = new TreeMap<>(new HashMap<>());
        String bundles = daemon.call("shell.execute", Map.of("line", "lb -s -l"))
                .path("output")
                .asText();
        bundles.lines().filter(line -> line.matches("\\s*\\d+\\|.*")).forEach(line -> {
            String[] parts = line.split("\\|");
            state.put("bundle " + parts[parts.length - 2].strip() + parts[3].strip(), line);
        });
        for (String file : new String[] {"koshi.yaml", "plugins.lock"}) {
            state.put(file, Files.readString(home.resolve(file)));
        }
        for (String directory : new String[] {"plugins", "deploy"}) {
            try (Stream<Path> files = Files.list(home.resolve(directory))) {
                for (Path file : files.toList()) {
                    state.put(directory + "/" + file.getFileName(), Long.toString(Files.size(file)));
                }
            }
        }
        return state;
    }
}
