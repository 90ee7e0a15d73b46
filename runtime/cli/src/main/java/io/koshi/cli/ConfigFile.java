package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code koshi config check|show}. */
final class ConfigFile {
    private static final String CHECKER = "io.koshi.config.internal.CheckMain";

    private ConfigFile() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next("check or show");
        return switch (verb) {
            case "show" -> show(words, call);
            case "check" -> check(words, call);
            default -> throw Failure.usage("koshi config takes check or show, not '" + verb + "'.");
        };
    }

    private static int show(Words words, Invocation call) throws IOException {
        words.done();
        try (Link link = call.connect()) {
            Map<?, ?> config = link.ask("hub.config", Map.of(), Invocation.DEADLINE_MS);
            if (!call.printed(config)) {
                call.out().print(Yaml.write(config.get("config") instanceof Map<?, ?> map ? map : config));
            }
            return 0;
        }
    }

    /**
     * Exit code 1 when the file would be refused. The configuration room's own check runs without a hub; where one runs,
     * its rooms and plugins are asked as well.
     */
    private static int check(Words words, Invocation call) throws IOException, InterruptedException {
        String file = words.next();
        words.done();
        Path checked = file != null
                ? Path.of(file).toAbsolutePath().normalize()
                : call.place().config();
        if (Files.notExists(checked)) {
            throw Failure.failed("There is no " + checked + "; the first start writes a commented one.");
        }
        String said = askTheChecker(checked, call.place());
        askTheRooms(checked, call);
        if (!call.printed(Map.of("file", checked.toString(), "ok", true, "problems", List.of()))) {
            call.out().println(said);
        }
        return 0;
    }

    /**
     * Runs the configuration room's own check in a process of its own.
     *
     * @return what it says of a good file
     * @throws Failure with what it says of a bad one
     */
    static String askTheChecker(Path file, Place place, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(place),
                CHECKER,
                file.toString(),
                place.home().toString()));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (process.waitFor() != 0) {
            throw Failure.failed(said);
        }
        return said;
    }

    private static void askTheRooms(Path checked, Invocation call) throws IOException {
        Optional<Link> link = Link.open(call.place().socket(), call.run());
        if (link.isPresent()) {
            try (Link open = link.get()) {
                open.ask("hub.check", Map.of("text", Files.readString(checked)), Invocation.DEADLINE_MS);
            }
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath(Place place) throws IOException {
        if (place.distribution() == null) {
            throw Failure.failed(
                    "Where the daemon is installed is not known; use the koshi script, or set KOSHI_DIST.");
        }
        Path lib = place.distribution().resolve("lib");
        return String.join(
                ":",
                Files.readAllLines(lib.resolve("classpath"), UTF_8).stream()
                        .map(jar -> lib.resolve(jar).toString())
                        .toList());
    }
}
