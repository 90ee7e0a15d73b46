package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.FETCH;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * Where plugin jars lie: the garden that is shipped, and {@code plugins/} in the home with those that were added and are
 * locked to their SHA-256. Thread-safe.
 *
 * @param garden the shipped directory; need not exist
 */
record Shelf(Path garden, Path added, LockFile lock, Map<Path, Seen> seen) {
    /** A jar that was read, and what its file looked like then. */
    record Seen(long size, long modified, PluginJar jar) {}

    static Shelf of(Path garden, Path home) throws IOException {
        Path added = Files.createDirectories(home.resolve("plugins"));
        return new Shelf(garden, added, new LockFile(home.resolve("plugins.lock")), new ConcurrentHashMap<>());
    }

    /** The jar of a plugin: the added one, which may be newer, before the shipped one. */
    PluginJar find(String name) throws PluginFailure {
        Optional<LockFile.Line> locked = lock.find(name);
        if (locked.isPresent()) {
            PluginJar jar = read(added.resolve(locked.get().file()));
            if (!jar.sha256().equals(locked.get().sha256())) {
                throw new PluginFailure(
                        FETCH,
                        jar.file() + " is not what was added: its SHA-256 differs from plugins.lock. Add it again with"
                                + " 'koshi add FILE' if the change is yours, or remove it with 'koshi remove " + name
                                + "'");
            }
            return jar;
        }
        return shipped(name)
                .orElseThrow(() -> new PluginFailure(
                        FETCH,
                        "There is no plugin '" + name + "'; shipped are " + String.join(", ", shippedNames())
                                + ". Add another with 'koshi add FILE.jar'"));
    }

    /** A jar of the garden; its file's name ends in the plugin's, so that not every jar has to be opened. */
    Optional<PluginJar> shipped(String name) throws PluginFailure {
        for (Path file : jars(garden)) {
            if (nameOf(file).equals(name)) {
                return Optional.of(read(file));
            }
        }
        return Optional.empty();
    }

    List<String> shippedNames() {
        return jars(garden).stream().map(Shelf::nameOf).sorted().toList();
    }

    /** Copies a jar among the added ones, durably; the name says what is inside. */
    PluginJar take(PluginJar jar) throws PluginFailure {
        Path target = added.resolve(jar.name() + "-" + jar.sha256().substring(0, 12) + ".jar");
        try {
            if (!jar.file().equals(target)) {
                Path draft = added.resolve("." + target.getFileName());
                Files.copy(jar.file(), draft, StandardCopyOption.REPLACE_EXISTING);
                try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
                LockFile.force(added);
            }
        } catch (IOException e) {
            throw new PluginFailure(FETCH, jar.file() + " cannot be copied to " + added + ": " + e, e);
        }
        PluginJar copy = read(target);
        if (!copy.sha256().equals(jar.sha256())) {
            drop(copy);
            throw new PluginFailure(FETCH, jar.file() + " changed while it was read; try again");
        }
        return copy;
    }

    /** Removes a jar's file if it is one of the added. */
    void drop(PluginJar jar) {
        try {
            if (jar.file().startsWith(added)) {
                Files.deleteIfExists(jar.file());
            }
        } catch (IOException e) {
            LoggerFactory.getLogger(Shelf.class).warn("{} is left behind: {}", jar.file(), e.toString());
        }
    }

    boolean isShipped(PluginJar jar) {
        return jar.file().startsWith(garden);
    }

    private PluginJar read(Path file) throws PluginFailure {
        try {
            long size = Files.size(file);
            long modified = Files.getLastModifiedTime(file).toMillis();
            Seen known = seen.get(file);
            if (known == null || known.size() != size || known.modified() != modified) {
                known = new Seen(size, modified, PluginJar.read(file));
                seen.put(file, known);
            }
            return known.jar();
        } catch (IOException e) {
            throw new PluginFailure(FETCH, file + " cannot be read: " + e + ". Add it again with 'koshi add FILE'", e);
        }
    }

    /** {@code github} of {@code io.koshi.listener.github-0.1.0.jar}. */
    private static String nameOf(Path file) {
        String base = file.getFileName().toString().replaceFirst("(-\\d[^/]*)?\\.jar$", "");
        return base.substring(base.lastIndexOf('.') + 1);
    }

    private static List<Path> jars(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
