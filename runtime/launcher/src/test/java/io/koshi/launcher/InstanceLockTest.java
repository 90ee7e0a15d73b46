package io.koshi.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That a second process is refused is told in LauncherIT: a lock is held by a process, not by a thread. */
class InstanceLockTest {
    @TempDir
    Path home;

    @Test
    void namesItsProcessAndItsSocket() throws IOException {
        Path file = home.resolve("koshi.pid");
        Path socket = home.resolve("koshi.sock");

        try (InstanceLock lock = InstanceLock.take(new Home(home), socket)) {
            assertThat(lock).isNotNull();
            assertThat(Files.readAllLines(file))
                    .containsExactly(Long.toString(ProcessHandle.current().pid()), socket.toString());
        }

        assertThat(file).doesNotExist();
    }

    @Test
    void takesOverWhatAKilledDaemonLeft() throws IOException {
        Path file =
                Files.writeString(home.resolve("koshi.pid"), "4242424242\n/a/much/longer/path/than/ours/koshi.sock\n");

        try (InstanceLock lock = InstanceLock.take(new Home(home), Path.of("s"))) {
            assertThat(lock).isNotNull();
            assertThat(Files.readAllLines(file))
                    .containsExactly(Long.toString(ProcessHandle.current().pid()), "s");
        }
    }
}
