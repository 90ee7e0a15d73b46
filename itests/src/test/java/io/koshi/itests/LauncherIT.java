package io.koshi.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A daemon's birth and death: alone in its home, and up again after whatever happened to it. */
class LauncherIT {
    @TempDir
    Path home;

    @Test
    @Tag("both")
    void endsWellWhenAskedTo() throws Exception {
        try (Daemon daemon = launched()) {
            assertThat(daemon.stop()).isZero();

            assertThat(home.resolve("koshi.pid")).doesNotExist();
            assertThat(daemon.outputText()).isEmpty();
        }
    }

    @Test
    void refusesASecondDaemonInTheSameHome() throws Exception {
        try (Daemon first = launched();
                Daemon second = configured()) {
            assertThat(second.launch().exit()).isEqualTo(4);

            assertThat(second.outputText()).contains("pid " + first.pid(), "koshi stop");
            assertThat(Files.readAllLines(home.resolve("koshi.pid"))).startsWith(Long.toString(first.pid()));
        }
    }

    @Test
    @Tag("both")
    void takesItsHomeBackAfterAKill() throws Exception {
        try (Daemon daemon = launched()) {
            daemon.kill();
            assertThat(home.resolve("koshi.pid")).exists();

            launch(daemon);

            assertThat(daemon.stop()).isZero();
        }
    }

    @Test
    void startsOnADamagedCache() throws Exception {
        try (Daemon daemon = launched()) {
            daemon.stop();
            try (Stream<Path> files = Files.walk(home.resolve("cache").resolve("framework"))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.write(file, new byte[] {7, 7, 7});
                }
            }

            launch(daemon);

            assertThat(daemon.stop()).isZero();
        }
    }

    @Test
    void startsFromTheClassArchiveThatTheLastStopLeft() throws Exception {
        try (Daemon daemon = launched()) {
            daemon.stop();

            launch(daemon);

            List<String> line = List.of(Files.readString(Path.of("/proc/" + daemon.pid() + "/cmdline"))
                    .split("\0"));
            assertThat(line).anyMatch(argument -> argument.matches("-XX:(SharedArchiveFile|AOTCache)=.*"));
        }
    }

    @Test
    void saysHowItIsUsed() throws Exception {
        try (Daemon daemon = configured().argument("--hmoe")) {
            assertThat(daemon.launch().exit()).isEqualTo(2);

            assertThat(daemon.outputText()).contains("There is no option --hmoe.", "Usage: ");
        }
    }

    private Daemon configured() throws IOException {
        return Daemon.in(home).config("http: { port: 0 }\n");
    }

    private Daemon launched() throws IOException {
        return launch(configured());
    }

    /** Not {@link Daemon#start}: the launcher keeps these promises whether or not the hub gets ready. */
    private Daemon launch(Daemon daemon) throws IOException {
        daemon.launch();
        await().until(() -> Files.exists(home.resolve("koshi.pid"))
                && Files.readString(home.resolve("koshi.pid")).startsWith(daemon.pid() + "\n"));
        return daemon;
    }
}
