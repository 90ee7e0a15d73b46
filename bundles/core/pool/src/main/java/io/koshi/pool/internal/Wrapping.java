package io.koshi.pool.internal;

import io.koshi.api.Children;
import io.koshi.api.Children.Launch;
import io.koshi.api.Children.Limits;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts a program into a session of its own (setsid(1)), has the kernel end it with the hub and never gain rights
 * (setpriv(1)), and holds it to its limits (prlimit(1)); all three are of util-linux.
 */
final class Wrapping {
    private static final List<String> NEEDED = List.of("setsid", "setpriv", "prlimit", "sh", "grep");
    private static final List<String> INHERITED =
            List.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR");
    /** By which the command line knows that it is called from inside a run, and refuses to end the hub. */
    private static final String INSIDE = "KOSHI_RUN";

    private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

    private final Map<String, String> hub;

    /** @param hub the hub's own environment */
    Wrapping(Map<String, String> hub) {
        this.hub = hub;
    }

    Optional<String> unavailable() {
        List<String> missing = NEEDED.stream()
                .filter(tool -> program(tool, path(), Path.of("/")).isEmpty())
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("Programs cannot be started safely here, as " + String.join(", ", missing)
                        + " is missing: install util-linux (2.33 or newer) and grep");
    }

    List<String> argv(Launch launch) {
        Map<String, String> environment = environment(launch, "");
        String name = launch.argv().get(0);
        Path program = program(name, environment.get("PATH"), launch.directory())
                .orElseThrow(() -> new KoshiException(
                        ErrorCode.NOT_FOUND, "There is no program '" + name + "' here; install it or give its path"));
        List<String> argv = new ArrayList<>(List.of(own("setsid"), own("setpriv"), "--pdeathsig", "KILL"));
        argv.add("--no-new-privs"); // which also keeps a set-user-ID program from clearing the line above
        argv.add(own("prlimit"));
        argv.addAll(limits(launch.limits()));
        argv.add(program.toString());
        argv.addAll(launch.argv().subList(1, launch.argv().size()));
        return argv;
    }

    private static List<String> limits(Limits limits) {
        List<String> options = new ArrayList<>(List.of("--core=0"));
        limits.memoryBytes().ifPresent(bytes -> options.add("--data=" + bytes));
        limits.cpuSeconds().ifPresent(seconds -> options.add("--cpu=" + seconds));
        limits.fileBytes().ifPresent(bytes -> options.add("--fsize=" + bytes));
        limits.openFiles().ifPresent(files -> options.add("--nofile=" + files));
        return options;
    }

    /** What a child finds in its environment: nothing of the hub's but what every program needs. */
    Map<String, String> environment(Launch launch, String mark) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("PATH", path());
        hub.forEach((name, value) -> {
            if (INHERITED.contains(name) || name.startsWith("LC_")) {
                all.put(name, value);
            }
        });
        all.putAll(launch.environment());
        all.put(Children.MARK, mark);
        all.put(INSIDE, mark);
        return all;
    }

    private String path() {
        return hub.getOrDefault("PATH", DEFAULT_PATH);
    }

    /** The path of one of the hub's own tools, which a child's PATH does not change. */
    String own(String tool) {
        return program(tool, path(), Path.of("/"))
                .orElseThrow(() -> new KoshiException(
                        ErrorCode.SERVICE_UNAVAILABLE, unavailable().orElse(tool + " is missing")))
                .toString();
    }

    private static Optional<Path> program(String name, String path, Path directory) {
        if (name.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        if (name.contains("/")) {
            return Optional.of(directory.resolve(name)).filter(Wrapping::runs);
        }
        for (String folder : path.split(":")) {
            Path program = Path.of(folder.isEmpty() ? "." : folder).resolve(name);
            if (program.isAbsolute() && runs(program)) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }

    private static boolean runs(Path program) {
        return Files.isRegularFile(program) && Files.isExecutable(program);
    }
}
