package io.koshi.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The files of one hub.
 *
 * @param home {@code KOSHI_HOME}, absolute
 * @param named whether the person named it, so that a koshi.yaml elsewhere is not meant
 * @param distribution where the daemon's program is, null when that is not known
 */
record Place(Path home, boolean named, Path distribution) {

    /** {@code --home}, else KOSHI_HOME, else {@code ~/.koshi}. */
    static Place of(String option, Map<String, String> environment) {
        String home = option != null ? option : environment.getOrDefault("KOSHI_HOME", "");
        boolean named = !home.isEmpty();
        // HOME as the shell has it; Java's user.home is the one of the password file
        String user = environment.getOrDefault("HOME", "");
        Path path = named
                ? Path.of(home)
                : Path.of(user.startsWith("/") ? user : System.getProperty("user.home"), ".koshi");
        String distribution = System.getProperty("koshi.dist", environment.get("KOSHI_DIST"));
        return new Place(path.toAbsolutePath().normalize(), named, distribution == null ? null : Path.of(distribution));
    }

    Path pidFile() {
        return home.resolve("koshi.pid");
    }

    Path log() {
        return home.resolve("logs").resolve("koshi.log");
    }

    /** The configuration a start here and now would read. */
    Path config() {
        Path here = Path.of("koshi.yaml").toAbsolutePath();
        return !named && Files.exists(here) ? here : home.resolve("koshi.yaml");
    }

    Path secrets() {
        return home.resolve("secrets.yaml");
    }

    /** The process that says it serves this home. */
    Optional<ProcessHandle> process() {
        try {
            List<String> lines = Files.readAllLines(pidFile(), UTF_8);
            return lines.isEmpty()
                    ? Optional.empty()
                    : ProcessHandle.of(Long.parseLong(lines.get(0).trim()));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** The hub that serves this home or is about to, and not a stranger who has got its number. */
    Optional<ProcessHandle> daemon() {
        return process().filter(Place::isDaemon);
    }

    /** Java gives the first 4,096 bytes of a command line, and the class path of a hub is longer than that. */
    private static boolean isDaemon(ProcessHandle process) {
        String line;
        try {
            line = Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"), ISO_8859_1);
        } catch (IOException noSuchSystem) {
            line = process.info().commandLine().orElse("");
        }
        return line.contains("io.koshi.launcher.Main");
    }

    /** The second line of {@code koshi.pid}, else {@code koshi.sock} in the home. */
    Path socket() {
        try {
            List<String> lines = Files.readAllLines(pidFile(), UTF_8);
            if (lines.size() > 1 && !lines.get(1).isBlank()) {
                return Path.of(lines.get(1).trim());
            }
        } catch (IOException noneThere) {
            return home.resolve("koshi.sock");
        }
        return home.resolve("koshi.sock");
    }
}
