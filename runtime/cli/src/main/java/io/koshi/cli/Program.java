package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Does tasks by programs: the prompt is what a program reads, what it prints is the result. It sees no token and no
 * key, and ends, with all it started, when its time is over or its lease is lost. Thread-safe.
 */
final class Program implements Doing {
    private static final List<String> SECRETS = List.of("KOSHI_TOKEN", "KOSHI_MODEL_KEY", "KOSHI_HOME");

    private final List<String> command;
    private final Duration limit;

    /** @param command what reads prompts; of python and shell tasks the prompt itself is the program */
    Program(List<String> command, Duration limit) {
        this.command = command;
        this.limit = limit;
    }

    @Override
    public String work(Work work, String instructions, Path place, Path input)
            throws IOException, InterruptedException {
        Running running = new Running(place, environment(work, input), limit);
        if (!work.code()) {
            return running.run(command, work.prompt(instructions));
        }
        Path script = Files.createTempFile("koshi-task-", work.type().equals("python") ? ".py" : ".sh");
        try {
            Files.writeString(script, work.prompt(), UTF_8);
            String interpreter = work.type().equals("python") ? "python3" : "sh";
            return running.run(List.of(interpreter, script.toString()), "");
        } finally {
            Files.deleteIfExists(script);
        }
    }

    private static Map<String, String> environment(Work work, Path input) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().removeAll(SECRETS);
        environment.putAll(work.environment(input));
        return environment;
    }
}
