package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.koshi.itests.KoshiCommand.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A daemon that cannot start says why in a sentence, changes nothing, and a start that can go on does. */
class StartIT {
    private static final String GOOD = "# mine\nname: good\nhttp: { port: 0 }\n";
    /** Where SQLite's locks lie (sqlite.org/fileformat2.html, the lock-byte page). */
    private static final long SQLITE_LOCKS = 0x40000000L;

    @TempDir
    Path home;

    /** A configuration and what is said of it. */
    record Bad(String yaml, String place, String sentence) {}

    static Stream<Bad> mistakes() {
        return Stream.of(
                new Bad("name: koshi\nhtpp: { port: 0 }\n", "koshi.yaml:2:1", "did you mean 'http'"),
                new Bad("name: koshi\nhttp: { port: 0\nbuffer: [\n", "koshi.yaml:3:7", "no YAML"),
                new Bad(
                        GOOD + "plugins:\n  - { name: github, secret: \"${KOSHI_NOT_SET}\" }\n",
                        "koshi.yaml:5:29",
                        "${KOSHI_NOT_SET} is not set"),
                new Bad(GOOD + "plugins:\n  - { name: github, sec", "koshi.yaml:5:24", "no YAML"),
                new Bad(
                        GOOD + "plugins:\n  - { name: github, secert: x }\n",
                        "koshi.yaml:5:21",
                        "did you mean \"secret\""),
                new Bad(
                        GOOD + "routes:\n  - match: { channel: x }\n    action: { frobnicate: 1 }\n",
                        "koshi.yaml:6:15",
                        "no action is called 'frobnicate'"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void refusesAFirstConfigurationWithAMistakeAndSaysWhere(Bad bad) throws Exception {
        try (Daemon daemon = Daemon.in(home).config(bad.yaml())) {
            assertThat(daemon.launch().exit()).isEqualTo(1);

            assertThat(daemon.outputText().strip().lines().toList())
                    .singleElement()
                    .asString()
                    .startsWith(bad.place() + ": ")
                    .contains(bad.sentence())
                    .doesNotContain("Exception");
            assertThat(home.resolve("koshi.yaml")).content().isEqualTo(bad.yaml());
            assertThat(home.resolve("koshi.yaml.last-good")).doesNotExist();
            assertThat(home.resolve("koshi.pid")).doesNotExist();
        }
    }

    @Test
    void passesTheDaemonsRefusalOnThroughTheCommand() throws Exception {
        Files.writeString(home.resolve("koshi.yaml"), "name: koshi\nhtpp: { port: 0 }\n");

        Outcome start = KoshiCommand.in(home).run("start");
        Outcome json = KoshiCommand.in(home).run("start", "--json");

        assertThat(start.exit()).isEqualTo(1);
        assertThat(start.err()).startsWith("koshi.yaml:2:1: ").contains("did you mean 'http'");
        assertThat(json.exit()).isEqualTo(1);
        assertThat(json.error().path("error").path("message").asText()).startsWith("koshi.yaml:2:1: ");
    }

    @Test
    void startsOnTheLastGoodConfigurationAndSaysSoEverywhere() throws Exception {
        try (Daemon daemon = Daemon.in(home).config(GOOD).start()) {
            assertThat(daemon.stop()).isZero();
            for (Bad bad : List.of(
                    new Bad("name: bad\nhtpp: {}\n", "koshi.yaml:2:1", "htpp"),
                    new Bad(
                            "name: bad\nhttp: { port: 0 }\nroutes: [ { match: {}, action: { frobnicate: 1 } } ]\n",
                            "koshi.yaml:3:34",
                            "frobnicate"))) {
                daemon.config(bad.yaml()).start();

                JsonNode status = daemon.call("hub.status", Map.of());
                JsonNode health = daemon.call("hub.health", Map.of());

                assertThat(status.path("name").asText()).isEqualTo("good");
                assertThat(status.path("config").path("lastGood").asBoolean()).isTrue();
                assertThat(status.path("config").path("error").asText()).startsWith(bad.place());
                assertThat(health.path("status").asText()).isEqualTo("degraded");
                assertThat(health.path("parts").toString()).contains("last good", bad.sentence());
                assertThat(daemon.log()).contains("last good one serves", bad.place());
                assertThat(home.resolve("koshi.yaml.last-good")).content().isEqualTo(GOOD);
                assertThat(daemon.stop()).isZero();
            }
        }
    }

    @Test
    void saysThatItsPortIsTaken() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Daemon daemon = Daemon.in(home).config("http: { port: " + other.getLocalPort() + " }\n")) {
            assertThat(daemon.launch().exit()).isEqualTo(1);

            assertThat(daemon.outputText())
                    .contains("port " + other.getLocalPort(), "http.port")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void saysThatItsHostIsNotItsOwn() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("http: { host: 203.0.113.7, port: 0, proxy: true }\n")) {
            assertThat(daemon.launch().exit()).isEqualTo(1);

            assertThat(daemon.outputText()).contains("203.0.113.7 is no address of this machine");
        }
    }

    @Test
    void showsItselfToTheWorldOnlyWithTls() throws Exception {
        try (Daemon daemon = Daemon.in(home).config("http: { host: 0.0.0.0, port: 0 }\n")) {
            assertThat(daemon.launch().exit()).isEqualTo(1);

            assertThat(daemon.outputText()).contains("koshi.yaml:1:9", "tls", "proxy: true");
        }
    }

    @Test
    void refusesASecretsFileThatOthersCanRead() throws Exception {
        Path secrets = Files.writeString(home.resolve("secrets.yaml"), "hook: canary-in-the-open\n");
        Files.setPosixFilePermissions(secrets, PosixFilePermissions.fromString("rw-r--r--"));
        try (Daemon daemon =
                Daemon.in(home).config(GOOD + "plugins:\n  - { name: github, secret: \"${secrets.hook}\" }\n")) {
            assertThat(daemon.launch().exit()).isEqualTo(1);

            assertThat(daemon.outputText())
                    .contains("can be read by others", "chmod 600")
                    .doesNotContain("canary");
            assertThat(daemon.log()).doesNotContain("canary");
        }
    }

    @Test
    void letsOneOfTwoThatStartAtTheSameMomentIn() throws Exception {
        Files.writeString(home.resolve("koshi.yaml"), GOOD);
        Path otherOut = home.resolve("other.out");
        try (Daemon one = Daemon.in(home).launch();
                Daemon two = Daemon.in(home).launch()) {
            await().until(() -> !ProcessHandle.of(one.pid()).isPresent()
                    || !ProcessHandle.of(two.pid()).isPresent());
            boolean firstLost = ProcessHandle.of(one.pid()).isEmpty();
            Daemon loser = firstLost ? one : two;
            Daemon winner = firstLost ? two : one;

            assertThat(loser.exit()).isEqualTo(4);
            await().ignoreExceptions()
                    .until(() ->
                            winner.call("hub.health", Map.of()).path("ready").asBoolean());
            assertThat(winner.call("hub.status", Map.of()).path("pid").asLong()).isEqualTo(winner.pid());
            assertThat(otherOut).doesNotExist();
            Outcome third = KoshiCommand.in(home).run("start");
            assertThat(third.exit()).isEqualTo(4);
            assertThat(third.err()).contains("runs already", "pid " + winner.pid());
        }
    }

    @Test
    void takesNoHomeThatIsNone() throws Exception {
        Path file = Files.writeString(home.resolve("file"), "kept");
        for (Path bad : List.of(file, file.resolve("below"))) {
            Outcome start = KoshiCommand.in(bad).run("start");
            Process daemon = new ProcessBuilder(
                            Path.of(System.getProperty("koshi.dist"), "bin", "koshi-daemon")
                                    .toString(),
                            "--home",
                            bad.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(daemon.getInputStream().readAllBytes());

            assertSoftly(softly -> {
                softly.assertThat(start.exit()).isEqualTo(4);
                softly.assertThat(start.err())
                        .contains("Cannot use " + bad, "--home DIR")
                        .doesNotContain("Exception");
                softly.assertThat(daemon.onExit().join().exitValue()).isEqualTo(4);
                softly.assertThat(said)
                        .contains("Cannot use " + bad, "--home DIR")
                        .doesNotContain("Exception");
            });
        }
        assertThat(file).content().isEqualTo("kept");
    }

    @Test
    void livesInAHomeWithALongPath() throws Exception {
        Path deep = home.resolve("a-home-whose-path-is-longer-than-any-socket-may-be/".repeat(3) + "end");
        try (Daemon daemon = Daemon.in(deep).config(GOOD).start()) {
            Outcome status = KoshiCommand.in(deep).run("status", "--json");

            assertThat(status.exit()).isZero();
            assertThat(status.json().path("pid").asLong()).isEqualTo(daemon.pid());
            assertThat(daemon.stop()).isZero();
            assertThat(KoshiCommand.in(deep).run("status").exit()).isEqualTo(3);
        }
    }

    @Test
    void livesInAHomeWhoseNameTheLocaleCannotSpell() throws Exception {
        String script = "home=$1/$(printf 'gr\\303\\274n')\nmkdir \"$home\"\n"
                + "echo 'http: { port: 0 }' >\"$home/koshi.yaml\"\n"
                + "\"$2\" --home \"$home\" start && \"$2\" --home \"$home\" status; \"$2\" --home \"$home\" stop\n";
        ProcessBuilder shell = new ProcessBuilder(
                        "sh",
                        "-c",
                        script,
                        "sh",
                        home.toString(),
                        Path.of(System.getProperty("koshi.dist"), "bin", "koshi")
                                .toString())
                .redirectErrorStream(true);
        shell.environment().put("LC_ALL", "C");
        Process process = shell.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("koshi is ready", home + "/gr\u00fcn/koshi.yaml", "koshi has stopped");
    }

    @Test
    void startsOverWhatAKilledOneLeftAndOnACacheThatIsGone() throws Exception {
        try (Daemon daemon = Daemon.in(home).config(GOOD).start()) {
            daemon.kill();
            assertThat(home.resolve("koshi.pid")).exists();
            assertThat(home.resolve("koshi.sock")).exists();
            assertThat(KoshiCommand.in(home).run("status").exit()).isEqualTo(3);
            garbage(home.resolve("cache"));
            daemon.start();
            assertThat(daemon.stop()).isZero();
            delete(home.resolve("cache"));
            daemon.start();
            assertThat(daemon.stop()).isZero();
        }
    }

    @Test
    void saysThatAnotherHoldsItsDatabase() throws Exception {
        try (Daemon daemon = Daemon.in(home).config(GOOD).start()) {
            assertThat(daemon.stop()).isZero();
            Path database = home.resolve("data/koshi.db");
            byte[] before = Files.readAllBytes(database);
            try (FileChannel channel = FileChannel.open(database, StandardOpenOption.READ, StandardOpenOption.WRITE);
                    FileLock held = channel.lock(SQLITE_LOCKS, 512, false)) {
                assertThat(held.isValid()).isTrue();
                assertThat(daemon.launch().exit()).isEqualTo(1);
            }
            assertThat(daemon.outputText())
                    .contains("another process holds the database " + database.toRealPath())
                    .doesNotContain("Exception");
            assertThat(Files.readAllBytes(database)).isEqualTo(before);
            daemon.start();
        }
    }

    @Test
    void leavesADamagedDatabaseAsItIs() throws Exception {
        try (Daemon daemon = Daemon.in(home).config(GOOD).start()) {
            assertThat(daemon.stop()).isZero();
            Path database = home.resolve("data/koshi.db");
            byte[] good = Files.readAllBytes(database);
            byte[] header = good.clone();
            new Random(1).nextBytes(header);
            byte[] page = good.clone();
            for (int at = 8192; at < page.length; at++) {
                page[at] = (byte) (at * 31);
            }
            for (byte[] damaged : List.of(header, page)) {
                Files.write(database, damaged);

                assertThat(daemon.launch().exit()).isEqualTo(1);

                assertThat(daemon.outputText())
                        .contains("the database " + database.toRealPath() + " is damaged", "earlier copy")
                        .doesNotContain("Exception");
                assertThat(Files.readAllBytes(database)).isEqualTo(damaged);
                Files.delete(home.resolve("daemon.out"));
            }
            Files.write(database, good);
            daemon.start();
        }
    }

    private static void garbage(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.write(file, new byte[] {7, 7, 7});
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
