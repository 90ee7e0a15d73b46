package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code secrets.yaml}, changed line by line so that comments stay: nested block maps of scalars. A dotted name is a
 * path of keys. What it writes is a YAML double-quoted scalar, which JSON's is. Confined to one thread.
 */
final class SecretsFile {
    private final Path file;
    private final List<String> lines;

    private SecretsFile(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    static SecretsFile read(Path file) throws IOException {
        return new SecretsFile(
                file, Files.exists(file) ? new ArrayList<>(Files.readAllLines(file, UTF_8)) : new ArrayList<>());
    }

    /** All names with their values, in order. */
    Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            Line line = Line.of(lines.get(i));
            if (line != null && !line.value().isEmpty()) {
                all.put(path(i), scalar(line.value()));
            }
        }
        return all;
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(all().get(name));
    }

    void set(String name, String value) throws IOException {
        String[] keys = name.split("\\.");
        int from = 0;
        int to = lines.size();
        int indent = 0;
        for (int depth = 0; depth < keys.length; depth++) {
            int at = find(keys[depth], from, to, indent);
            boolean last = depth == keys.length - 1;
            if (at < 0) {
                insert(to, indent, keys, depth, value);
                break;
            }
            if (last) {
                refuseBlock(at, name);
                lines.set(at, " ".repeat(indent) + keys[depth] + ": " + Json.write(value));
            } else {
                if (!Line.of(lines.get(at)).value().isEmpty()) {
                    throw Failure.usage("There is a secret named "
                            + String.join(".", List.of(keys).subList(0, depth + 1)) + " already, so " + name
                            + " cannot be below it; unset that first.");
                }
                from = at + 1;
                to = end(at);
                indent = childIndent(at, indent);
            }
        }
        write();
    }

    /** False when there was none. */
    boolean unset(String name) throws IOException {
        for (int i = 0; i < lines.size(); i++) {
            Line line = Line.of(lines.get(i));
            if (line != null && path(i).equals(name)) {
                lines.subList(i, Math.max(i + 1, end(i))).clear();
                write();
                return true;
            }
        }
        return false;
    }

    private void insert(int to, int indent, String[] keys, int depth, String value) {
        int at = to;
        while (at > 0 && lines.get(at - 1).isBlank()) {
            at--;
        }
        int column = indent;
        for (int i = depth; i < keys.length; i++) {
            String end = i == keys.length - 1 ? " " + Json.write(value) : "";
            lines.add(at++, " ".repeat(column) + keys[i] + ":" + end);
            column += 2;
        }
    }

    private void refuseBlock(int at, String name) {
        String value = Line.of(lines.get(at)).value();
        if (value.isEmpty() || "|>{[&*!".indexOf(value.charAt(0)) >= 0) {
            throw Failure.failed(name + " is more than one line in " + file + "; change it there by hand.");
        }
    }

    private int find(String key, int from, int to, int indent) {
        for (int i = from; i < to; i++) {
            Line line = Line.of(lines.get(i));
            if (line != null && line.indent() == indent && line.key().equals(key)) {
                return i;
            }
        }
        return -1;
    }

    /** The line after the block that a line heads. */
    private int end(int at) {
        int indent = Line.of(lines.get(at)).indent();
        int i = at + 1;
        int end = i;
        for (; i < lines.size(); i++) {
            String text = lines.get(i);
            if (text.isBlank() || text.stripLeading().startsWith("#")) {
                continue;
            }
            if (indent(text) <= indent) {
                break;
            }
            end = i + 1;
        }
        return end;
    }

    private int childIndent(int at, int indent) {
        for (int i = at + 1; i < end(at); i++) {
            Line line = Line.of(lines.get(i));
            if (line != null) {
                return line.indent();
            }
        }
        return indent + 2;
    }

    private String path(int at) {
        Line line = Line.of(lines.get(at));
        String path = line.key();
        int indent = line.indent();
        for (int i = at - 1; i >= 0 && indent > 0; i--) {
            Line above = Line.of(lines.get(i));
            if (above != null && above.indent() < indent) {
                path = above.key() + "." + path;
                indent = above.indent();
            }
        }
        return path;
    }

    private static String scalar(String value) {
        if (value.startsWith("\"") && value.endsWith("\"") && value.length() > 1) {
            try {
                return String.valueOf(Json.read(value));
            } catch (IllegalArgumentException yamlOnly) {
                return value.substring(1, value.length() - 1);
            }
        }
        if (value.startsWith("'") && value.endsWith("'") && value.length() > 1) {
            return value.substring(1, value.length() - 1).replace("''", "'");
        }
        int comment = value.indexOf(" #");
        return comment < 0 ? value : value.substring(0, comment).stripTrailing();
    }

    private static int indent(String text) {
        return text.length() - text.stripLeading().length();
    }

    /** Writes a file of its own beside it, brings it to disk and puts it in place in one step. */
    private void write() throws IOException {
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        if (Files.notExists(file.getParent())) {
            Files.createDirectories(
                    file.getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Path real = Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? file.toRealPath() : file;
        Path fresh = Files.createTempFile(real.getParent(), ".secrets", ".tmp", mode);
        try {
            Files.write(fresh, lines, UTF_8);
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** A line of the form {@code key: value}. */
    private record Line(int indent, String key, String value) {
        static Line of(String text) {
            String bare = text.strip();
            int colon = bare.indexOf(':');
            if (bare.startsWith("#") || bare.startsWith("-") || colon < 1) {
                return null;
            }
            String key = bare.substring(0, colon).strip();
            if (key.length() > 1 && (key.startsWith("\"") || key.startsWith("'"))) {
                key = key.substring(1, key.length() - 1);
            }
            String value = bare.substring(colon + 1).strip();
            return new Line(SecretsFile.indent(text), key, value.startsWith("#") ? "" : value);
        }
    }
}
