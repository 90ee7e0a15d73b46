package io.koshi.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The models of this machine's koshi.yaml, as ways to do chat tasks. Thread-safe. */
final class OwnModels {
    private static final Set<String> KINDS = Set.of("openai", "anthropic", "command");
    private static final String OPENAI = "https://api.openai.com/v1";
    private static final String ANTHROPIC = "https://api.anthropic.com";

    private final Map<String, Settings> entries;
    private final Duration limit;
    private final Map<String, Doing> made = new ConcurrentHashMap<>();

    private OwnModels(Map<String, Settings> entries, Duration limit) {
        this.entries = entries;
        this.limit = limit;
    }

    /**
     * Reads them, as the hub would; none where there is no file.
     *
     * @throws Failure what is wrong with the file
     */
    static OwnModels read(Path file, Invocation call, Duration limit) throws IOException, InterruptedException {
        Object models =
                Files.exists(file) ? Json.read(ConfigFile.askTheChecker(file, call.place(), "--models")) : Map.of();
        return of((Map<?, ?>) models, call.environment(), limit);
    }

    /** Those of entries as koshi.yaml has them, by their names. */
    static OwnModels of(Map<?, ?> models, Map<String, String> environment, Duration limit) {
        Map<String, Settings> entries = new LinkedHashMap<>();
        models.forEach((name, entry) ->
                entries.put(String.valueOf(name), new Settings(String.valueOf(name), (Map<?, ?>) entry, environment)));
        return new OwnModels(entries, limit);
    }

    static OwnModels none(Duration limit) {
        return new OwnModels(Map.of(), limit);
    }

    /** The names of those that a worker can ask. */
    Stream<String> usable() {
        return entries.entrySet().stream()
                .filter(entry -> KINDS.contains(entry.getValue().text("plugin", "")))
                .map(Map.Entry::getKey);
    }

    /** The one of a name. */
    Optional<Doing> find(String name) {
        return name == null || !entries.containsKey(name)
                ? Optional.empty()
                : Optional.of(made.computeIfAbsent(name, key -> make(entries.get(key))));
    }

    private Doing make(Settings entry) {
        Duration time = entry.values().containsKey("timeoutSeconds")
                        && entry.text("plugin", "").equals("command")
                ? Duration.ofSeconds(entry.number("timeoutSeconds", 300))
                : limit;
        String key = entry.text("apiKey", null);
        return switch (entry.text("plugin", "")) {
            case "openai" -> new Endpoint(entry.text("endpoint", OPENAI), model(entry), key, time);
            case "anthropic" ->
                new MessagesServer(
                        entry.text("endpoint", ANTHROPIC),
                        entry.text("model", "claude-sonnet-4-5"),
                        key,
                        entry.number("maxTokens", 8192),
                        time);
            case "command" -> new ModelProgram(entry, time);
            default ->
                throw entry.fault("is of a kind that a worker cannot use: it takes openai, anthropic and command");
        };
    }

    private static String model(Settings entry) {
        String model = entry.text("model", "");
        if (model.isEmpty()) {
            throw entry.fault("does not say which 'model' to ask for");
        }
        return model;
    }
}
