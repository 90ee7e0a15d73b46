package io.koshi.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * One daemon per home: a lock on {@code koshi.lock}; beside it {@code koshi.pid} says in two lines who has it and
 * where its socket is. The lock, not a file, says that a daemon runs, so files left by a killed one are taken over.
 *
 * <p>The locked file is a file of its own that nobody reads: a POSIX lock is lost when its process closes
 * <em>any</em> descriptor of the file, so reading a locked {@code koshi.pid} once would have let a second daemon in.
 */
final class InstanceLock implements AutoCloseable {
    private final Path pidFile;
    private final FileChannel channel;

    private InstanceLock(Path pidFile, FileChannel channel) {
        this.pidFile = pidFile;
        this.channel = channel;
    }

    /** @throws Refusal 4 when another daemon has the home */
    static InstanceLock take(Home home, Path socket) throws IOException {
        FileChannel channel = FileChannel.open(
                home.directory().resolve("koshi.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new Refusal(
                    4,
                    "Koshi runs already" + owner(home.pid()) + " in " + home.directory()
                            + ". Stop it with 'koshi stop', or start in another home with --home DIR.");
        }
        Path whole = home.directory().resolve("koshi.pid.new");
        Files.writeString(whole, ProcessHandle.current().pid() + "\n" + socket + "\n", UTF_8);
        Files.move(whole, home.pid(), StandardCopyOption.ATOMIC_MOVE);
        return new InstanceLock(home.pid(), channel);
    }

    private static String owner(Path pidFile) {
        try {
            return Files.readString(pidFile)
                    .lines()
                    .findFirst()
                    .map(pid -> " with pid " + pid)
                    .orElse("");
        } catch (IOException unknown) {
            return "";
        }
    }

    /** Removes the pid file and lets the home go. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(pidFile);
        channel.close();
    }
}
