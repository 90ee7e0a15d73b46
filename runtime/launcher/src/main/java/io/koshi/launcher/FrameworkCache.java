package io.koshi.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The framework's storage, kept from one clean stop to the next start, which saves a tenth of a second. It is worth
 * nothing else: after a crash, another build, another mode or any doubt it is thrown away and made again.
 */
final class FrameworkCache {
    private final Path storage;
    private final Path mark;
    private final String owner;

    /**
     * @param directory where the storage is put
     * @param owner names the build and the mode; storage of any other is thrown away
     */
    FrameworkCache(Path directory, String owner) {
        storage = directory.resolve("framework");
        mark = directory.resolve("framework.clean");
        this.owner = owner;
    }

    Path storage() {
        return storage;
    }

    /** Readies the storage for use; from here until {@link #close} it counts as broken. */
    void open() throws IOException {
        boolean clean = Files.exists(mark) && Files.readString(mark).equals(owner);
        Files.deleteIfExists(mark);
        if (!clean) {
            discard();
        }
    }

    /** Throws the storage away. */
    void discard() throws IOException {
        Home.delete(storage);
    }

    /** Says that the storage is whole. */
    void close() throws IOException {
        if (Files.isDirectory(storage)) {
            Files.writeString(mark, owner);
        }
    }
}
