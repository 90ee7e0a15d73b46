package io.koshi.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Does chat tasks by a program that thinks, as an entry {@code plugin: command} of models describes it. A task with
 * words of strangers never reaches a program together with its bypass flags or allowed tools. Thread-safe.
 */
final class ModelProgram implements Doing {
    private static final Pattern PLACE = Pattern.compile("\\{([a-z]+)}");
    private static final List<String> KEPT = List.of("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR");
    private static final List<String> BYPASSES = List.of(
            "dangerously",
            "bypasspermissions",
            "trust-all-tools",
            "danger-full-access",
            "--yolo",
            "--full-auto",
            "--allow-all-tools",
            "--yes-always");
    private static final Map<String, Preset> PRESETS = Map.of(
            "claude",
            new Preset(
                    "claude --print --output-format json --model {model} --allowedTools {tools} {bypass}",
                    "json",
                    "--dangerously-skip-permissions"),
            "codex",
            new Preset(
                    "codex exec --json --skip-git-repo-check --model {model} {bypass} -",
                    "codex",
                    "--dangerously-bypass-approvals-and-sandbox"),
            "kiro-cli",
            new Preset(
                    "kiro-cli chat --no-interactive --model {model} --trust-tools={tools} {bypass}",
                    "text",
                    "--trust-all-tools"));

    /** How a known program is asked for one whole answer. */
    private record Preset(String argv, String output, String bypass) {}

    private final List<String> words;
    private final String model;
    private final String tools;
    private final String bypass;
    private final ProgramAnswer answer;
    private final Map<String, String> environment = new HashMap<>();
    private final Duration limit;

    /** @throws Failure what is wrong with the entry */
    ModelProgram(Settings entry, Duration limit) {
        Preset preset = PRESETS.get(entry.text("preset", ""));
        List<String> command = entry.texts("command");
        if (command.isEmpty() && preset == null) {
            throw entry.fault("has no command and no preset of " + PRESETS.keySet());
        }
        this.words = new ArrayList<>(command.isEmpty() ? List.of(preset.argv().split(" ")) : List.copyOf(command));
        int at = words.indexOf("{bypass}");
        words.addAll(at < 0 ? words.size() : at, entry.texts("args"));
        this.bypass = preset != null && entry.flag("bypass") ? preset.bypass() : "";
        if (!entry.flag("bypass") && reckless()) {
            throw entry.fault(
                    "has a flag that switches the program's own safety off: say bypass: true if you want that");
        }
        this.model = entry.text("model", "");
        this.tools = String.join(",", entry.texts("allowedTools"));
        this.answer = new ProgramAnswer(
                entry.text("output", preset == null ? "text" : preset.output()),
                entry.text("textField", "result"),
                entry.text("deltaField", ""),
                entry.text("errorField", "error"));
        KEPT.forEach(name -> entry.environment(name).ifPresent(value -> environment.put(name, value)));
        environment.putAll(entry.map("environment"));
        this.limit = limit;
    }

    private boolean reckless() {
        return words.stream()
                .anyMatch(word -> BYPASSES.stream().anyMatch(word.toLowerCase(java.util.Locale.ROOT)::contains));
    }

    @Override
    public String work(Work work, String instructions, Path place, Path input)
            throws IOException, InterruptedException {
        if (work.strange() && reckless()) {
            throw new IOException("this task has words of strangers, and the program's own safety is off");
        }
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.putAll(work.environment(input));
        String said = new Running(place, all, limit).run(argv(work.strange()), work.prompt(instructions));
        return answer.of(said);
    }

    private List<String> argv(boolean strange) {
        Map<String, String> values = new HashMap<>();
        values.put("model", model);
        values.put("tools", strange ? "" : tools);
        List<String> argv = new ArrayList<>();
        for (String word : words) {
            if (word.equals("{bypass}")) {
                if (!strange && !bypass.isEmpty()) {
                    argv.add(bypass);
                }
                continue;
            }
            fill(word, values, argv);
        }
        return argv;
    }

    /** A place with nothing to say goes, and where it is the whole word the option before it, too. */
    private static void fill(String word, Map<String, String> values, List<String> argv) {
        Matcher place = PLACE.matcher(word);
        StringBuilder filled = new StringBuilder();
        boolean empty = false;
        while (place.find()) {
            String value = values.getOrDefault(place.group(1), "");
            empty |= value.isEmpty();
            place.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        if (!empty) {
            argv.add(place.appendTail(filled).toString());
        } else if (PLACE.matcher(word).matches() && argv.size() > 1) {
            argv.remove(argv.size() - 1);
        }
    }
}
