package io.koshi.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/** The directory where the daemon keeps everything: made at a first start, open to its owner only. */
record Home(Path directory) {
    /** The longest socket path that every platform takes ({@code sun_path} is 108 bytes on Linux, 104 on BSD). */
    private static final int LONGEST_SOCKET = 100;

    /** SQLite opens no path of more than 512 bytes (MAX_PATHNAME of its Unix layer), and below the home come the files. */
    private static final int LONGEST_HOME = 460;

    /** Makes the home with its {@code logs} and {@code cache}, and takes it from everyone else. */
    static Home prepare(Path directory) {
        int length = directory.toString().getBytes(UTF_8).length;
        if (length > LONGEST_HOME) {
            throw new Refusal(
                    4,
                    "Cannot use a home whose path has " + length + " bytes, the database takes " + LONGEST_HOME
                            + ". Name a shorter one with --home DIR: " + directory);
        }
        try {
            for (Path each : List.of(directory, directory.resolve("logs"), directory.resolve("cache"))) {
                Files.createDirectories(each);
            }
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            return new Home(directory.toRealPath());
        } catch (FileAlreadyExistsException file) {
            throw new Refusal(
                    4,
                    "Cannot use " + directory + " as home: " + file.getFile()
                            + " is no directory. Name another with --home DIR.");
        } catch (IOException | UnsupportedOperationException e) {
            throw new Refusal(
                    4,
                    "Cannot use " + directory + " as home: " + reason(e) + ". Make it your own, or name another with"
                            + " --home DIR.");
        }
    }

    private static String reason(Exception e) {
        String why = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        return why != null ? why : e instanceof AccessDeniedException ? "permission denied" : e.toString();
    }

    Path cache() {
        return directory.resolve("cache");
    }

    Path logs() {
        return directory.resolve("logs");
    }

    Path pid() {
        return directory.resolve("koshi.pid");
    }

    /**
     * {@code koshi.sock} in the home; where that path is too long, a short name in {@code XDG_RUNTIME_DIR}, else in a
     * directory of the user's own below the temporary one.
     */
    Path socket(Map<String, String> environment) throws IOException {
        Path plain = directory.resolve("koshi.sock");
        if (plain.toString().getBytes(UTF_8).length <= LONGEST_SOCKET) {
            return plain;
        }
        CRC32 hash = new CRC32();
        hash.update(directory.toString().getBytes(UTF_8));
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        Path shelter = runtime.isEmpty() ? ownDirectory() : Path.of(runtime);
        return shelter.resolve("koshi-" + Long.toHexString(hash.getValue()) + ".sock");
    }

    /** The temporary directory is everyone's, so what is found there must be ours, and ours alone. */
    private Path ownDirectory() throws IOException {
        var owner = Files.getOwner(directory);
        Path own = Path.of(System.getProperty("java.io.tmpdir"), "koshi-" + owner.getName());
        Files.createDirectories(own);
        if (Files.isSymbolicLink(own) || !Files.getOwner(own).equals(owner)) {
            throw new Refusal(
                    4,
                    own
                            + " belongs to somebody else. Set XDG_RUNTIME_DIR to a directory of yours, or use a shorter home.");
        }
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
        return own;
    }

    /** Removes a directory with all that is in it; links are removed, not followed. */
    static void delete(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
