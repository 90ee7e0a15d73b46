package io.koshi.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One daemon per home: a lock on {@code koshi.lock}, and for people and clients {@code koshi.pid}, which holds the pid
 * and the socket's path in two lines. The lock says whether a daemon runs; a {@code koshi.pid} that a killed one left
 * is written anew. The locked file is never removed and opened by nobody else, for the kernel takes the lock from a
 * process that closes any descriptor of that file (fcntl(2)).
 */
final class InstanceLock implements AutoCloseable {
    private final Path pid;
    private final FileChannel channel;

    private InstanceLock(Path pid, FileChannel channel) {
        this.pid = pid;
        this.channel = channel;
    }

    /** @throws Refusal 4 when another daemon has the home */
    static InstanceLock take(Path home, Path socket) throws IOException {
        Path pid = home.resolve("koshi.pid");
        FileChannel channel =
                FileChannel.open(home.resolve("koshi.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new Refusal(4, "Koshi runs already" + owner(pid) + " in " + home
                    + ". Stop it with 'koshi stop', or start in another home with --home DIR.");
        }
        Files.writeString(pid, ProcessHandle.current().pid() + "\n" + socket + "\n");
        return new InstanceLock(pid, channel);
    }

    private static String owner(Path pid) {
        try {
            return Files.readString(pid).lines().findFirst().map(p -> " with pid " + p).orElse("");
        } catch (IOException unknown) {
            return "";
        }
    }

    /** Removes the pid and lets the home go. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(pid);
        channel.close();
    }
}
