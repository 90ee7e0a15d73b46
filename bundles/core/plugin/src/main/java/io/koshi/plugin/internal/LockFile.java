package io.koshi.plugin.internal;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What was added, {@code plugins.lock}: one line for each plugin, parted by tabs: name, file in {@code plugins/}, SHA-256, and
 * where it came from ({@code command}, or {@code deploy:FILE}). Thread-safe.
 */
final class LockFile {
    /** @param origin {@code command} or {@code deploy:FILE} */
    record Line(String name, String file, String sha256, String origin) {
        Optional<String> deployed() {
            return origin.startsWith("deploy:") ? Optional.of(origin.substring("deploy:".length())) : Optional.empty();
        }
    }

    private final Path file;
    private final Map<String, Line> lines = new TreeMap<>();

    LockFile(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                String[] parts = line.split("\t");
                if (parts.length == 4 && !line.startsWith("#")) {
                    lines.put(parts[0], new Line(parts[0], parts[1], parts[2], parts[3]));
                }
            }
        }
    }

    synchronized Optional<Line> find(String name) {
        return Optional.ofNullable(lines.get(name));
    }

    synchronized List<Line> all() {
        return List.copyOf(lines.values());
    }

    synchronized void put(Line line) throws IOException {
        Line before = lines.put(line.name(), line);
        try {
            write();
        } catch (IOException e) {
            restore(line.name(), before);
            throw e;
        }
    }

    synchronized void remove(String name) throws IOException {
        Line before = lines.remove(name);
        if (before != null) {
            write();
        }
    }

    private void restore(String name, Line before) {
        if (before == null) {
            lines.remove(name);
        } else {
            lines.put(name, before);
        }
    }

    private void write() throws IOException {
        StringBuilder text = new StringBuilder("# name\tfile\tsha256\torigin; written by the hub\n");
        lines.values()
                .forEach(l -> text.append(String.join("\t", l.name(), l.file(), l.sha256(), l.origin()))
                        .append('\n'));
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(draft, CREATE, TRUNCATE_EXISTING, WRITE)) {
            channel.write(StandardCharsets.UTF_8.encode(text.toString()));
            channel.force(true);
        }
        Files.move(draft, file, ATOMIC_MOVE, REPLACE_EXISTING);
        force(file.getParent());
    }

    /** Makes a directory's entries durable. */
    static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, READ)) {
            channel.force(true);
        }
    }
}
