package io.koshi.plugin.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Remembers on disk which jar is being deployed, so that one which ends the process (its code may call {@code
 * System.exit}, or crash the JVM) does so three times and not at every start. Confined to the deploy folder's thread.
 *
 * @param file {@code SHA-256 count}; not there while nothing is being deployed
 */
record Trials(Path file) {
    private static final int MOST = 3;

    /** Whether a jar may be tried once more; {@link #end} is to follow. */
    boolean begin(String sha256) throws IOException {
        int before = before(sha256);
        if (before >= MOST) {
            return false;
        }
        Files.createDirectories(file.getParent());
        Files.writeString(file, sha256 + " " + (before + 1) + "\n");
        return true;
    }

    void end() throws IOException {
        Files.deleteIfExists(file);
    }

    /** How often the process ended while this jar was being deployed. */
    private int before(String sha256) throws IOException {
        if (Files.notExists(file)) {
            return 0;
        }
        String[] words = new String(Files.readAllBytes(file), UTF_8).strip().split(" ");
        return words.length == 2 && words[0].equals(sha256) && words[1].matches("[0-9]{1,4}")
                ? Integer.parseInt(words[1])
                : 0;
    }
}
