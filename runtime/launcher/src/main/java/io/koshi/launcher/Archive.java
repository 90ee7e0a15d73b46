package io.koshi.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The class archive that the JVM writes as it ends, when {@code bin/koshi-daemon} asked for one and named the file in
 * the system property {@code koshi.archive}. Only a run that ended well is worth keeping: it leaves a mark beside the
 * file, and the next start takes a marked archive into use and throws any other away.
 */
final class Archive {
    private Archive() {}

    /** Marks the archive of this run as good. */
    static void keep() throws IOException {
        String file = System.getProperty("koshi.archive");
        if (file != null) {
            Files.writeString(Path.of(file + ".good"), "");
        }
    }
}
