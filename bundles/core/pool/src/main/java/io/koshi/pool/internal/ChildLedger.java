package io.koshi.pool.internal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The children that run, one small file each in {@code data/children}: what a hub that was killed has left is found
 * there by the next one. Thread-safe.
 */
final class ChildLedger {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.pool");

    private final Path folder;

    ChildLedger(Path folder) {
        this.folder = folder;
    }

    /**
     * A child.
     *
     * @param pid also of its group and session
     * @param startTicks as {@link ProcTable.Proc#startTicks}, 0 when it had ended before it was looked at
     * @param mark the value of {@link io.koshi.api.Children#MARK} in it
     * @param boot the start of the machine it belongs to
     */
    record Entry(long pid, long startTicks, String mark, String boot, String what) {
        private String line() {
            return pid + "\t" + startTicks + "\t" + mark + "\t" + boot + "\t" + what.replaceAll("\\s+", " ") + "\n";
        }

        private static Optional<Entry> of(String line) {
            String[] fields = line.strip().split("\t", 5);
            try {
                return Optional.of(new Entry(
                        Long.parseLong(fields[0]), Long.parseLong(fields[1]), fields[2], fields[3], fields[4]));
            } catch (RuntimeException e) {
                return Optional.empty(); // cut short by the end of the hub that wrote it
            }
        }
    }

    /** Not forced to disk: where the machine goes down, so do the children. */
    void add(Entry entry) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(file(entry), entry.line());
    }

    void remove(Entry entry) {
        delete(file(entry));
    }

    /** What an earlier hub has left; files nobody can read are taken away. */
    List<Entry> leftBehind() {
        List<Entry> left = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return left;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Optional<Entry> entry = Entry.of(Files.readString(file));
                entry.ifPresentOrElse(left::add, () -> delete(file));
            }
        } catch (IOException e) {
            LOG.warn("Cannot read {}, so programs an earlier hub left may still run: {}", folder, e.toString());
        }
        return left;
    }

    private Path file(Entry entry) {
        return folder.resolve(entry.mark());
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("Cannot delete {}: {}", file, e.toString());
        }
    }
}
