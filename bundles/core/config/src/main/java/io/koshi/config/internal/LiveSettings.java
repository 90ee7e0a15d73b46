package io.koshi.config.internal;

import static java.util.function.Predicate.not;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration that holds, replaced whole when the file changes for the better and kept when it changes for the
 * worse. Thread-safe.
 */
final class LiveSettings implements Settings {
    private static final Logger LOG = LoggerFactory.getLogger(LiveSettings.class);

    /** What became of a reload; {@code error} is absent when it succeeded. */
    record Outcome(List<String> changed, Optional<String> error) {}

    /** @param error what is wrong with the file where {@code loaded} is not what it says */
    private record State(Loaded loaded, Optional<KoshiException> error, Set<String> secrets) {
        State(Loaded loaded, Optional<KoshiException> error) {
            this(loaded, error, Redaction.secrets(loaded.document()));
        }
    }

    private final ConfigFile file;
    private final PluginEntries entries;
    private final LastGood lastGood;
    private final CheckTable checks;
    private final Pools pools;
    private final List<BiConsumer<Config, Config>> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Outcome>> observers = new CopyOnWriteArrayList<>();
    private final Object writing = new Object();
    private final String data; // of the start: the database is open there
    private volatile State state;
    private boolean settled; // guarded by writing
    private CompletableFuture<Void> calls = CompletableFuture.completedFuture(null); // guarded by writing

    /** @throws KoshiException when the file is bad and no last good copy loads */
    LiveSettings(ConfigFile file, CheckTable checks, Pools pools) {
        this.file = file;
        this.entries = new PluginEntries(file);
        this.lastGood = new LastGood(file);
        this.checks = checks;
        this.pools = pools;
        this.state = start();
        this.data = state.loaded().config().data();
        state.loaded()
                .warnings()
                .forEach(warning -> LOG.warn("{}: {}", file.file().getFileName(), warning));
    }

    private State start() {
        try {
            return new State(file.read(), Optional.empty());
        } catch (KoshiException bad) {
            Loaded kept = lastGood.read().orElseThrow(() -> bad);
            LOG.error("The configuration is bad and the last good one serves instead: {}", bad.getMessage());
            return new State(kept, Optional.of(bad));
        }
    }

    @Override
    public Config config() {
        return state.loaded().config();
    }

    @Override
    public Path home() {
        return file.home();
    }

    @Override
    public Path data() {
        Path data = file.file().getParent().resolve(this.data).normalize();
        try {
            return Files.createDirectories(data);
        } catch (IOException e) {
            String why = e instanceof FileAlreadyExistsException ? "a file is in the way" : e.getMessage();
            throw new KoshiException(
                    ErrorCode.INVALID_PARAMS,
                    "The data directory " + data + " cannot be made (" + why + "): move that, or change 'data' in "
                            + file.file() + ".",
                    e);
        }
    }

    @Override
    public Origin origin() {
        State now = state;
        return new Origin(
                file.file(),
                now.loaded().at(),
                now.error().isPresent(),
                now.error().map(KoshiException::getMessage));
    }

    @Override
    public AutoCloseable onChange(BiConsumer<Config, Config> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Calls back after each reload that changed something or failed. */
    AutoCloseable onReload(Consumer<Outcome> observer) {
        observers.add(observer);
        return () -> observers.remove(observer);
    }

    @Override
    public List<String> reload() {
        synchronized (writing) {
            try {
                String text = file.text();
                if (isRunning(text)) {
                    return List.of();
                }
                Loaded candidate = file.parse(text);
                if (isRunning(candidate)) {
                    return List.of();
                }
                file.refuse(candidate, checks.problems(candidate.config()));
                return apply(candidate);
            } catch (KoshiException bad) {
                fail(bad);
                throw bad;
            }
        }
    }

    @Override
    public List<String> check(String text) {
        Loaded candidate = file.parse(text);
        file.refuse(candidate, checks.problems(candidate.config()));
        return candidate.warnings();
    }

    /** The same words are the same configuration where nothing in them is filled in from elsewhere. */
    private boolean isRunning(String text) {
        State now = state;
        return now.error().isEmpty()
                && now.loaded().document().filled().isEmpty()
                && now.loaded().text().equals(text);
    }

    /** Compares plain data: comparing records for the first time makes classes, and this is asked at each start. */
    private boolean isRunning(Loaded candidate) {
        State now = state;
        return now.error().isEmpty()
                && now.loaded().text().equals(candidate.text())
                && now.loaded().document().data().equals(candidate.document().data());
    }

    private void fail(KoshiException bad) {
        State now = state;
        boolean known = now.error()
                .map(e -> Objects.equals(e.getMessage(), bad.getMessage()))
                .orElse(false);
        state = new State(now.loaded(), Optional.of(bad));
        if (!known) {
            LOG.error("The changed configuration is bad and the running one stays: {}", bad.getMessage());
            tell(new Outcome(List.of(), Optional.of(bad.getMessage())));
        }
    }

    private List<String> apply(Loaded loaded) {
        State before = state;
        List<String> changed = new Blocks(file.codec()).changed(before.loaded().config(), loaded.config());
        if (settled) {
            lastGood.keep(loaded.text());
        }
        if (changed.isEmpty() && before.error().isEmpty()) {
            if (!before.loaded().text().equals(loaded.text())) {
                state = new State(loaded, Optional.empty());
            }
            return changed;
        }
        state = new State(loaded, Optional.empty());
        loaded.warnings().stream()
                .filter(not(before.loaded().warnings()::contains))
                .forEach(warning -> LOG.warn("{}: {}", file.file().getFileName(), warning));
        LOG.info("The configuration was reloaded; changed: {}", changed);
        if (changed.contains("data")) {
            LOG.warn("A changed 'data' is followed at the next start; until then everything stays in {}", data());
        }
        if (!changed.isEmpty()) {
            Config old = before.loaded().config();
            listeners.forEach(listener -> later(() -> listener.accept(old, loaded.config())));
        }
        tell(new Outcome(changed, Optional.empty()));
        return changed;
    }

    private void tell(Outcome outcome) {
        observers.forEach(observer -> later(() -> observer.accept(outcome)));
    }

    /** One after the other, in the order of the changes. */
    private void later(Runnable call) {
        calls = calls.thenRunAsync(
                () -> {
                    try {
                        call.run();
                    } catch (RuntimeException e) {
                        LOG.error("A part of the hub could not follow a change of the configuration", e);
                    }
                },
                pools.work());
    }

    @Override
    public Map<String, Object> redacted() {
        return Redaction.of(state.loaded().document());
    }

    @Override
    public String redact(String text) {
        return Redaction.mask(text, state.secrets());
    }

    @Override
    public List<Problem> problems() {
        State now = state;
        List<Problem> problems = new ArrayList<>();
        now.error()
                .ifPresent(e -> problems.addAll(
                        e.details().isEmpty() ? List.of(new Problem("", e.getMessage())) : e.details()));
        checks.problems(now.loaded().config()).stream()
                .map(now.loaded()::locate)
                .filter(not(problems::contains))
                .forEach(problems::add);
        return problems;
    }

    @Override
    public List<Problem> settle() {
        synchronized (writing) {
            State now = state;
            settled = true;
            if (now.error().isPresent()) {
                return List.of(); // the last good one serves already; what rooms say of it stands in health
            }
            List<Problem> found = checks.problems(now.loaded().config());
            if (found.isEmpty()) {
                lastGood.keep(now.loaded().text());
                return found;
            }
            Optional<Loaded> kept = lastGood.read()
                    .filter(copy -> !copy.text().equals(now.loaded().text()))
                    .filter(copy -> copy.config().data().equals(data))
                    .filter(copy -> checks.problems(copy.config()).isEmpty());
            kept.ifPresent(copy -> turnBack(now.loaded(), copy, found));
            return kept.isPresent()
                    ? List.of()
                    : found.stream().map(now.loaded()::locate).toList();
        }
    }

    private void turnBack(Loaded bad, Loaded kept, List<Problem> found) {
        try {
            file.refuse(bad, found);
        } catch (KoshiException faults) {
            state = new State(kept, Optional.of(faults));
            LOG.error("The configuration is bad and the last good one serves instead: {}", faults.getMessage());
            listeners.forEach(listener -> later(() -> listener.accept(bad.config(), kept.config())));
            tell(new Outcome(List.of(), Optional.of(faults.getMessage())));
        }
    }

    @Override
    public Map<String, Object> preview(Map<String, Object> entry) {
        return file.parse(entries.put(file.text(), entry)).config().plugins().stream()
                .filter(held -> held.get("name").equals(entry.get("name")))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public String putPlugin(Map<String, Object> entry) {
        synchronized (writing) {
            String before = file.text();
            return write(before, entries.put(before, entry));
        }
    }

    @Override
    public Optional<String> removePlugin(String name) {
        synchronized (writing) {
            String before = file.text();
            return entries.remove(before, name).map(after -> write(before, after));
        }
    }

    @Override
    public String diff(String name, Optional<Map<String, Object>> entry) {
        String before = file.text();
        String after = entry.map(e -> entries.put(before, e))
                .orElseGet(() -> entries.remove(before, name).orElse(before));
        return UnifiedDiff.of(file.file().getFileName().toString(), before, after);
    }

    private String write(String before, String after) {
        Loaded loaded = file.parse(after);
        try {
            SafeFile.write(file.file(), after);
        } catch (IOException e) {
            throw new KoshiException(
                    ErrorCode.INTERNAL, file.file() + " cannot be written: " + e + ". Nothing changed.", e);
        }
        apply(loaded);
        return UnifiedDiff.of(file.file().getFileName().toString(), before, after);
    }
}
