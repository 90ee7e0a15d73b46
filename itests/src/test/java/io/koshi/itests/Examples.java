package io.koshi.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The plugins of examples/, as their own projects built them. */
final class Examples {
    private Examples() {}

    /** The jar of an example, for example {@code ticker}. */
    static String jar(String name) throws IOException {
        Path target = Path.of(System.getProperty("house"), "examples", name, "target");
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.getFileName().toString().matches("example\\..*\\.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toString();
        }
    }
}
