package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The archive of the daemon's classes that makes its start quick. A hub leaves one at its clean stop; this has a hub of its
 * own, in a home that is thrown away, do so now. Its name is {@code lib/java.sh}'s: the JDK's build and the program's.
 */
record ClassArchive(Invocation call) {
    /** JEP 514's cache, from this release on; JEP 350's archive before. */
    private static final int AOT = 25;

    /** Whether the next start finds one that fits. */
    boolean there() throws IOException {
        String name = name();
        for (Path place : places()) {
            if (Files.exists(place.resolve(name))) {
                return true;
            }
            try (Stream<Path> files = Files.isDirectory(place) ? Files.list(place) : Stream.empty()) {
                if (files.map(file -> file.getFileName().toString())
                        .anyMatch(file -> file.startsWith(name + ".try.") && file.endsWith(".good"))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether one can be made from here: where the program is is known, and it is not told to leave archives alone. */
    boolean possible() {
        String archives = call.environment().getOrDefault("KOSHI_ARCHIVE", "");
        return call.place().distribution() != null && !archives.equals("off") && !archives.equals("use");
    }

    /** Starts a hub and stops it; returns whether it left an archive. */
    boolean make() throws IOException, InterruptedException {
        Path home = Files.createTempDirectory("koshi-archive");
        try {
            Files.writeString(home.resolve("koshi.yaml"), "http: { port: 0 }\n");
            Place place = new Place(home, true, call.place().distribution());
            Invocation own = new Invocation(
                    place, call.json(), true, null, call.environment(), call.in(), call.out(), call.err());
            new Daemon(own).start(List.of("--home", home.toString()));
            Stop.stop(own);
            keep(home.resolve("cache"));
            return there();
        } finally {
            delete(home);
        }
    }

    /** Where the program's own directory takes no writes it is in the home that goes, and belongs into the one that stays. */
    private void keep(Path from) throws IOException {
        Path to = call.place().home().resolve("cache");
        String name = name();
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith(name))
                    .toList()) {
                Files.createDirectories(to);
                Files.move(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private List<Path> places() {
        Path home = call.place().home().resolve("cache");
        Path distribution = call.place().distribution();
        return distribution == null ? List.of(home) : List.of(distribution.resolve("cache"), home);
    }

    private String name() throws IOException {
        Path distribution = call.place().distribution();
        Path build = distribution == null ? null : distribution.resolve("lib").resolve("build");
        return "daemon-" + System.getProperty("java.runtime.version") + "-"
                + (build == null || Files.notExists(build)
                        ? ""
                        : Files.readString(build, UTF_8).strip())
                + (Runtime.version().feature() >= AOT ? ".aot" : ".jsa");
    }

    private static void delete(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
