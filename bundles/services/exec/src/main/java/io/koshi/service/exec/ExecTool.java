package io.koshi.service.exec;

import static org.osgi.service.component.annotations.ConfigurationPolicy.REQUIRE;

import io.koshi.api.Child;
import io.koshi.api.Children;
import io.koshi.api.Children.Launch;
import io.koshi.api.Children.Limits;
import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Trust;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** Runs a program in the workspace, by its name and arguments one by one. Thread-safe. */
@Component(
        name = "io.koshi.service.exec",
        service = {Tool.class, Health.class},
        configurationPolicy = REQUIRE)
@Designate(ocd = ExecSettings.class, factory = true)
public final class ExecTool implements Tool, Health {
    private static final ToolSpec SPEC = new ToolSpec(
            "exec",
            "Runs a program in the workspace and gives its exit code and output. There is no shell: no pipes, no wildcards,"
                    + " no variables.",
            Map.of(
                    "type",
                    "object",
                    "properties",
                    Map.of(
                            "argv",
                            Map.of(
                                    "type",
                                    "array",
                                    "items",
                                    Map.of("type", "string"),
                                    "minItems",
                                    1L,
                                    "maxItems",
                                    1000L,
                                    "description",
                                    "The program and its arguments, one by one."),
                            "directory",
                            Map.of("type", "string", "description", "Where it runs, relative to the workspace."),
                            "input",
                            Map.of("type", "string", "description", "What it reads on standard input.")),
                    "required",
                    List.of("argv"),
                    "additionalProperties",
                    false));

    /** So that nothing asks a person, or shows page by page. */
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PAGER", "cat", "GIT_PAGER", "cat", "GIT_TERMINAL_PROMPT", "0", "TERM", "dumb", "NO_COLOR", "1");

    private static final int LONGEST = 100_000;
    private static final Duration GRACE = Duration.ofSeconds(15);

    private final Children children;
    private final Pools pools;
    private final Lists lists;
    private final Programs programs;
    private final Limits limits;
    private final Duration limit;
    private final boolean network;
    private final String asked;
    private final Trust trust;
    private final List<Path> hubs;
    private final Map<Sandbox.Kind, Boolean> probed = new ConcurrentHashMap<>();

    @Activate
    public ExecTool(
            @Reference Children children,
            @Reference Pools pools,
            ExecSettings settings,
            Map<String, Object> properties) {
        this.children = children;
        this.pools = pools;
        this.lists = new Lists(settings, properties);
        this.programs = new Programs(Objects.requireNonNullElse(System.getenv("PATH"), "/usr/bin:/bin"));
        if (settings.timeoutSeconds() < 1 || settings.memoryMB() < 1 || settings.fileMB() < 1) {
            throw KoshiException.invalid("", "timeoutSeconds, memoryMB and fileMB are at least 1");
        }
        this.limit = Duration.ofSeconds(settings.timeoutSeconds());
        this.limits = new Limits(
                OptionalLong.of((long) settings.memoryMB() << 20),
                OptionalLong.of(
                        (settings.timeoutSeconds() + 1L) * Runtime.getRuntime().availableProcessors()),
                OptionalLong.of((long) settings.fileMB() << 20),
                OptionalLong.of(1024));
        this.network = settings.network();
        this.asked = settings.sandbox();
        Sandbox.kind(asked, kind -> true);
        this.trust = trust(settings);
        this.hubs = Stream.of("koshi.home", "koshi.data")
                .map(properties::get)
                .filter(String.class::isInstance)
                .map(path -> Path.of((String) path).toAbsolutePath().normalize())
                .toList();
    }

    private static Trust trust(ExecSettings settings) {
        if (settings.trust().isBlank()) {
            return settings.network() ? Trust.LOW : Trust.MEDIUM;
        }
        try {
            return Trust.valueOf(settings.trust().toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw KoshiException.invalid("/trust", "is high, medium or low");
        }
    }

    @Override
    public ToolSpec spec() {
        return SPEC;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    /** Longer than the program's own, so that it is this tool that says what happened. */
    @Override
    public Duration limit() {
        return limit.plus(GRACE);
    }

    @Override
    public Intent intent(Context context, Map<String, Object> arguments) {
        List<String> argv = argv(arguments);
        Path directory = directory(context, arguments);
        Optional<String> refusal = DenyFloor.refusal(argv, directory, kept(context));
        if (refusal.isPresent()) {
            return Intent.forbidden(refusal.get());
        }
        if (lists.denied(context.skill(), argv)) {
            return Intent.forbidden("it is on the deny list of tools.exec");
        }
        Map<String, String> bound = programs.bound(argv, directory);
        return lists.allowed(context.skill(), argv) ? Intent.listed(bound) : Intent.unlisted(bound);
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) throws Exception {
        Intent intent = intent(context, arguments); // also where somebody calls it past the guard
        if (intent.verdict() == Verdict.FORBIDDEN) {
            throw new KoshiException(ErrorCode.FORBIDDEN, intent.reason().orElse("it is forbidden"));
        }
        List<String> argv = argv(arguments);
        Path directory = directory(context, arguments);
        Sandbox.Kind kind = Sandbox.kind(asked, this::works);
        Optional<KoshiException> missing = Sandbox.missing(kind, this::works);
        if (missing.isPresent()) {
            throw missing.get();
        }
        Path workspace = context.workspace().toRealPath();
        List<String> exact = new ArrayList<>(argv);
        exact.set(0, programs.find(argv.get(0), directory).toString());
        List<String> walled = new Sandbox(kind, network, hubs).around(exact, workspace, directory);
        Child child =
                children.start(new Launch("exec " + Rule.name(argv.get(0)), walled, directory, ENVIRONMENT, limits));
        String input = arguments.get("input") instanceof String text ? text : "";
        try (ProgramRun run = new ProgramRun(child, pools, input)) {
            return told(run, run.await(limit));
        }
    }

    private Output told(ProgramRun run, OptionalInt code) {
        StringBuilder text = new StringBuilder();
        if (run.tooMuch()) {
            text.append("stopped: it did not stop printing");
        } else if (code.isEmpty()) {
            text.append("stopped: it took longer than ")
                    .append(limit.toSeconds())
                    .append(" s");
        } else {
            text.append("exit code ").append(code.getAsInt());
        }
        section(text, "standard output", run.out());
        section(text, "standard error", run.err());
        return new Output(text.toString(), code.orElse(-1) == 0 && !run.tooMuch(), trust);
    }

    private static void section(StringBuilder text, String name, String content) {
        if (!content.isBlank()) {
            text.append("\n--- ").append(name).append(" ---\n").append(content.stripTrailing());
        }
    }

    private static List<String> argv(Map<String, Object> arguments) {
        List<String> argv = new ArrayList<>();
        if (arguments.get("argv") instanceof List<?> words) {
            words.forEach(word -> argv.add(String.valueOf(word)));
        }
        if (argv.isEmpty()
                || argv.get(0).isBlank()
                || argv.get(0).contains(" ") && !argv.get(0).contains("/")) {
            throw KoshiException.invalid("/argv", "names a program first, and each argument is an item of its own");
        }
        if (argv.stream().mapToLong(String::length).sum() > LONGEST
                || argv.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
            throw KoshiException.invalid("/argv", "has at most " + LONGEST + " characters, none of them NUL");
        }
        return List.copyOf(argv);
    }

    /** @throws KoshiException FORBIDDEN when it is not in the workspace, whatever links there are */
    private static Path directory(Context context, Map<String, Object> arguments) {
        String said = arguments.get("directory") instanceof String text ? text : "";
        try {
            Path workspace = context.workspace().toRealPath();
            Path directory = workspace.resolve(said).toRealPath();
            if (directory.startsWith(workspace) && Files.isDirectory(directory)) {
                return directory;
            }
        } catch (IOException | InvalidPathException e) {
            throw new KoshiException(ErrorCode.NOT_FOUND, "there is no directory '" + said + "' in the workspace", e);
        }
        throw new KoshiException(ErrorCode.FORBIDDEN, "'" + said + "' is no directory of the workspace");
    }

    private List<Path> kept(Context context) {
        return Stream.concat(
                        hubs.stream(),
                        Stream.of(context.workspace().toAbsolutePath(), Path.of(System.getProperty("user.home"))))
                .toList();
    }

    /** Tries a kind once, with a program that does nothing. */
    private boolean works(Sandbox.Kind kind) {
        return probed.computeIfAbsent(kind, k -> {
            String tool = k == Sandbox.Kind.BUBBLEWRAP ? "bwrap" : "unshare";
            if (children.unavailable().isPresent() || !programs.has(tool) || !programs.has("true")) {
                return false;
            }
            Path root = Path.of("/tmp");
            List<String> walled = new Sandbox(k, network, List.of())
                    .around(List.of(programs.find("true", root).toString()), root, root);
            try (Child child = children.start(new Launch("exec probe", walled, root, Map.of(), Limits.NONE))) {
                return child.await(Duration.ofSeconds(5)).orElse(-1) == 0;
            } catch (IOException | KoshiException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        });
    }

    @Override
    public Report health() {
        return children.unavailable()
                .map(why -> Report.unhealthy("exec", "service", why))
                .orElseGet(() -> Report.healthy("exec", "service").with(Map.of("sandbox", asked, "network", network)));
    }
}
