package io.koshi.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One daemon per home: a lock on {@code koshi.pid}, which holds the pid and the socket's path in two lines. The
 * lock, not the file, says that a daemon runs, so a file left by a killed one is simply taken over.
 */
final class InstanceLock implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private InstanceLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** @throws Refusal 4 when another daemon has the home */
    static InstanceLock take(Path file, Path socket) throws IOException {
        String text = ProcessHandle.current().pid() + "\n" + socket + "\n";
        while (true) {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                throw new Refusal(
                        4,
                        "Koshi runs already" + owner(file) + " in " + file.getParent()
                                + ". Stop it with 'koshi stop', or start in another home with --home DIR.");
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(text.getBytes(UTF_8)), 0);
            if (reads(file, text)) {
                return new InstanceLock(file, channel);
            }
            channel.close();
        }
    }

    /** False when the last owner removed the file between our opening and our locking it. */
    private static boolean reads(Path file, String text) throws IOException {
        try {
            return Files.readString(file).equals(text);
        } catch (NoSuchFileException removed) {
            return false;
        }
    }

    private static String owner(Path file) {
        try {
            return Files.readString(file)
                    .lines()
                    .findFirst()
                    .map(pid -> " with pid " + pid)
                    .orElse("");
        } catch (IOException unknown) {
            return "";
        }
    }

    /** Removes the file and lets the home go. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        channel.close();
    }
}
