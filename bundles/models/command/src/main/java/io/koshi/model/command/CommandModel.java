package io.koshi.model.command;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.Child;
import io.koshi.api.Children;
import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Properties;
import io.koshi.model.Model;
import io.koshi.model.ModelAnswer;
import io.koshi.model.ModelAnswer.Stop;
import io.koshi.model.ModelName;
import io.koshi.model.ModelRequest;
import io.koshi.model.command.CommandSessions.Kept;
import io.koshi.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Asks a program: it gets the prompt on standard input, and what it prints is the answer. Thread-safe. */
@Component(
        name = "io.koshi.model.command",
        service = {Model.class, Health.class},
        configurationPolicy = REQUIRE)
@ModelName("command")
@Designate(ocd = CommandModel.Config.class, factory = true)
public final class CommandModel implements Model, Health {
    @ObjectClassDefinition(name = "Command", description = "A program that thinks.")
    @interface Config {
        @AttributeDefinition(description = "A program that is known here: claude, codex or kiro-cli.")
        String preset() default "";

        @AttributeDefinition(
                description =
                        "The program and its arguments, with {model}, {session}, {tools} and {bypass}; a preset has its own.",
                required = false)
        String[] command() default {};

        @AttributeDefinition(description = "Arguments besides the preset's.", required = false)
        String[] args() default {};

        @AttributeDefinition(description = "The program's name of the model; empty for its own choice.")
        String model() default "";

        @AttributeDefinition(description = "The program's own tools it may use without asking.", required = false)
        String[] allowedTools() default {};

        @AttributeDefinition(description = "Whether the program may drop its own safety. Only where you know why.")
        boolean bypass() default false;

        @AttributeDefinition(description = "What it prints: text, json, jsonl, claude or codex; a preset knows.")
        String output() default "";

        @AttributeDefinition(description = "Where the answer is in its JSON.")
        String textField() default "result";

        @AttributeDefinition(description = "Where a piece of the answer is in a line of its JSON.")
        String deltaField() default "";

        @AttributeDefinition(description = "Where its name of the conversation is in its JSON.")
        String sessionField() default "session_id";

        @AttributeDefinition(description = "Where a failure is told in its JSON.")
        String errorField() default "error";

        @AttributeDefinition(description = "Where it runs; the workspace where nothing is said.")
        String directory() default "";

        @AttributeDefinition(description = "Variables of its environment, by name: keys it needs.", required = false)
        String environment() default "";

        @AttributeDefinition(description = "Seconds an answer may take.")
        int timeoutSeconds() default 300;

        @AttributeDefinition(description = "Seconds it may print nothing; 0 for as long as the answer may take.")
        int silenceSeconds() default 0;

        @AttributeDefinition(description = "Memory each of its processes may use, in MB; 0 for no limit.")
        int memoryMB() default 0;
    }

    private final Children children;
    private final Pools pools;
    private final Codec codec;
    private final CommandSessions sessions;
    private final Config config;
    private final CommandLine line;
    private final Preset.Output output;
    private final Path directory;
    private final Map<String, String> environment;
    private final Conversation.Patience patience;
    private final String name;
    private volatile Optional<String> trouble = Optional.empty();

    @Activate
    public CommandModel(
            @Reference Children children,
            @Reference Pools pools,
            @Reference Codec codec,
            @Reference Store store,
            Config config,
            Map<String, Object> properties) {
        this.children = children;
        this.pools = pools;
        this.codec = codec;
        this.config = config;
        Preset preset = Preset.of(config.preset());
        this.line = CommandLine.of(config, preset);
        this.output = output(config.output(), preset);
        if (config.timeoutSeconds() < 1 || config.silenceSeconds() < 0 || config.memoryMB() < 0) {
            throw KoshiException.invalid("", "timeoutSeconds is at least 1, silenceSeconds and memoryMB at least 0");
        }
        Duration whole = Duration.ofSeconds(config.timeoutSeconds());
        this.patience = new Conversation.Patience(
                whole, config.silenceSeconds() == 0 ? whole : Duration.ofSeconds(config.silenceSeconds()));
        this.directory = directory(config.directory(), properties);
        Map<String, String> variables = new LinkedHashMap<>();
        Properties.tree(properties, "environment").forEach((key, value) -> variables.put(key, String.valueOf(value)));
        this.environment = Map.copyOf(variables);
        this.name = String.valueOf(properties.getOrDefault(ModelName.PROPERTY, "command"));
        this.sessions = new CommandSessions(store, name);
    }

    private static Preset.Output output(String given, Preset preset) {
        if (given.isBlank()) {
            return preset.output();
        }
        try {
            return Preset.Output.valueOf(given.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw KoshiException.invalid("/output", "is text, json, jsonl, claude or codex, not '" + given + "'");
        }
    }

    private static Path directory(String given, Map<String, Object> properties) {
        Path home = Path.of(String.valueOf(properties.getOrDefault("koshi.home", ".")));
        try {
            return Files.createDirectories(
                    given.isBlank() ? home.resolve("workspace") : Path.of(given).toAbsolutePath());
        } catch (IOException e) {
            throw KoshiException.invalid("/directory", "cannot be made: " + e.getMessage());
        }
    }

    @Override
    public ModelAnswer stream(ModelRequest request, Consumer<String> deltas) throws InterruptedException {
        try {
            ModelAnswer answer = answer(request, deltas);
            trouble = Optional.empty();
            return answer;
        } catch (KoshiException e) {
            trouble = Optional.of("the last request failed: " + e.getMessage());
            throw e;
        }
    }

    /** Goes on where the program left off, or tells it all where it does not know or was never asked. */
    private ModelAnswer answer(ModelRequest request, Consumer<String> deltas) throws InterruptedException {
        Optional<Kept> kept = line.has("session") ? sessions.find(request.sessionKey()) : Optional.empty();
        Optional<String> rest = kept.flatMap(known -> Prompt.since(request, known.answer()));
        if (rest.isPresent()) {
            Optional<ModelAnswer> answer = run(request, kept.get().id(), rest.get(), deltas);
            if (answer.isPresent()) {
                return answer.get();
            }
            sessions.forget(request.sessionKey());
        }
        return run(request, "", Prompt.whole(request), deltas)
                .orElseThrow(() -> new KoshiException(
                        ErrorCode.METHOD_ERROR,
                        "'" + line.program() + "' misses a conversation it was not asked about"));
    }

    /** One run; empty when the program does not know the session. */
    private Optional<ModelAnswer> run(ModelRequest request, String session, String prompt, Consumer<String> deltas)
            throws InterruptedException {
        Spoken spoken = new Spoken(deltas);
        Ending ending;
        try (Conversation conversation = new Conversation(
                start(line.argv(request, session)), pools, name + "-" + line.program(), prompt, patience)) {
            Hearing hearing = hearing(spoken);
            int code = conversation.listen(hearing);
            end(hearing, code);
            ending = new Ending(
                    code, hidden(conversation.complaint()), spoken.error().map(this::hidden));
        }
        Optional<KoshiException> failure = ending.failure(line.program());
        if (failure.isPresent()) {
            if (!session.isEmpty() && spoken.text().isEmpty() && ending.stale()) {
                return Optional.empty();
            }
            throw failure.get();
        }
        spoken.session()
                .filter(id -> line.has("session"))
                .ifPresent(id -> sessions.put(request.sessionKey(), new Kept(id, Prompt.mark(spoken.text()))));
        String model = spoken.model().isEmpty() ? config.model() : spoken.model();
        return Optional.of(new ModelAnswer(spoken.text(), List.of(), Stop.END, spoken.usage(), model));
    }

    /** Where the program failed, half an object is no news. */
    private static void end(Hearing hearing, int code) {
        try {
            hearing.end();
        } catch (KoshiException unreadable) {
            if (code == 0) {
                throw unreadable;
            }
        }
    }

    private Child start(List<String> argv) {
        try {
            return children.start(new Children.Launch(
                    "model " + name,
                    argv,
                    directory,
                    environment,
                    config.memoryMB() == 0
                            ? Children.Limits.NONE
                            : Children.Limits.memory((long) config.memoryMB() << 20)));
        } catch (IOException e) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, "'" + line.program() + "' cannot be started: " + e.getMessage(), e);
        }
    }

    private Hearing hearing(Spoken spoken) {
        Consumer<Map<String, Object>> fields =
                new Fields(config.textField(), config.deltaField(), config.sessionField(), config.errorField(), spoken);
        return switch (output) {
            case TEXT -> new PlainHearing(spoken);
            case JSON -> new JsonHearing(codec, false, fields);
            case JSONL -> new JsonHearing(codec, true, fields);
            case CLAUDE -> new JsonHearing(codec, true, new ClaudeLines(spoken));
            case CODEX -> new JsonHearing(codec, true, new CodexLines(spoken));
        };
    }

    private String hidden(String text) {
        String hidden = text;
        for (String secret : environment.values()) {
            hidden = secret.length() < 6 ? hidden : hidden.replace(secret, "***");
        }
        return hidden;
    }

    @Override
    public Report health() {
        return trouble.or(children::unavailable)
                .map(why -> Report.degraded(name, "model", why))
                .orElseGet(() -> Report.healthy(name, "model"));
    }
}
