package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.FETCH;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.config.Settings;
import io.koshi.plugin.internal.Garden.Planted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds, replaces and removes plugins on request: all of it, or nothing. What runs, the jars, the lock and koshi.yaml are as
 * before when it fails. Guarded by its user's lock.
 */
record Change(
        Settings settings, Shelf shelf, Repositories repositories, Garden garden, Gardener gardener, PluginNews news) {
    private static final Logger LOG = LoggerFactory.getLogger(Change.class);

    /**
     * Adds a plugin, or replaces it by another version.
     *
     * @param source a path to a jar, the name of a shipped plugin, or group:artifact:version
     * @param name the entry's name where it is not the plugin's
     * @param given the entry's settings; none leaves an entry that is there as it is
     * @param origin for the lock: {@code command} or {@code deploy:FILE}
     */
    PluginNews.Added add(String source, Optional<String> name, Map<String, Object> given, String origin)
            throws PluginFailure {
        long began = System.nanoTime();
        Optional<PluginJar> seen = Optional.empty();
        try {
            PluginJar jar = locate(source);
            seen = Optional.of(jar);
            Planted now = add(jar, entry(jar, name, given), origin);
            LOG.info("Plugin '{}' {} serves", jar.name(), jar.version());
            return news.added(now, began);
        } catch (PluginFailure failure) {
            String subject = seen.map(PluginJar::name)
                    .orElse(name.orElse(Path.of(source).getFileName().toString()));
            if (failure.phase() == FETCH) { // who asked is told, and nothing of it was here
                LOG.info("Plugin '{}' was refused: {}", subject, failure.getMessage());
            } else {
                LOG.error("Plugin '{}' was not added: {}", subject, failure.getMessage());
            }
            news.failed(subject, seen, failure, true);
            throw failure;
        }
    }

    private Planted add(PluginJar jar, Optional<Map<String, Object>> entry, String origin) throws PluginFailure {
        Map<String, Instance> before = garden.instances(jar.name());
        Map<String, Instance> after = after(before, entry);
        Optional<Planted> old = garden.find(jar.name());
        refuse(jar, after, old);
        PluginJar placed = shelf.isShipped(jar) ? jar : shelf.take(jar);
        try {
            Planted now = swap(old, placed, before, after);
            record(placed, entry, origin);
            old.filter(was -> !was.jar().file().equals(placed.file())).ifPresent(was -> shelf.drop(was.jar()));
            return now;
        } catch (PluginFailure failure) {
            restore(old, placed, before);
            throw failure;
        } catch (KoshiException | IOException unwritten) {
            restore(old, placed, before);
            throw new PluginFailure(FETCH, unwritten.getMessage(), unwritten);
        }
    }

    /** The jar a source means. */
    PluginJar locate(String source) throws PluginFailure {
        if (source.matches("[a-z][a-z0-9-]*")) {
            Optional<PluginJar> shipped = shelf.shipped(source);
            if (shipped.isPresent()) {
                return shipped.get();
            }
        }
        Optional<Coordinates> coordinates = Coordinates.of(source);
        if (coordinates.isPresent()) {
            return PluginJar.read(repositories.find(coordinates.get()));
        }
        try {
            if (Files.exists(Path.of(source))) {
                return PluginJar.read(Path.of(source).toAbsolutePath());
            }
        } catch (InvalidPathException e) {
            LOG.debug("No path: {}", source, e);
        }
        throw PluginFailure.notFound(
                (source.endsWith(".jar") ? "There is no file " + source : "No plugin is called '" + source + "'")
                        + "; give a jar, group:artifact:version, or one of those shipped: "
                        + String.join(", ", shelf.shippedNames()));
    }

    /** The entry to write, empty where the file has one that stays. */
    Optional<Map<String, Object>> entry(PluginJar jar, Optional<String> name, Map<String, Object> given) {
        String entry = name.orElse(jar.name());
        if (!entry.split("~")[0].equals(jar.name())) {
            throw KoshiException.invalid(
                    "/name", "the plugin is '" + jar.name() + "'; a second one is '" + jar.name() + "~other'");
        }
        boolean modelled = settings.config().models().values().stream()
                .anyMatch(m -> jar.name().equals(m.get("plugin")));
        boolean there = modelled || settings.config().plugins().stream().anyMatch(e -> entry.equals(e.get("name")));
        if (there && given.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", entry);
        all.putAll(given);
        return Optional.of(all);
    }

    /** Everything that can be known before anything is touched; {@link #add} and its plan ask the same. */
    private void refuse(PluginJar jar, Map<String, Instance> after, Optional<Planted> old) throws PluginFailure {
        refuseUnsound(jar, after);
        refuseWide(old, "replacing");
        garden.refuseUnresolvable(jar);
    }

    /** As {@link #add} would refuse, without adding. */
    void refuseToAdd(PluginJar jar, Optional<Map<String, Object>> entry) throws PluginFailure {
        refuse(jar, after(garden.instances(jar.name()), entry), garden.find(jar.name()));
    }

    private Map<String, Instance> after(Map<String, Instance> before, Optional<Map<String, Object>> entry) {
        Map<String, Instance> after = new LinkedHashMap<>(before);
        entry.map(settings::preview)
                .map(e -> Instance.ofEntry(e, "", settings.config().tools()))
                .ifPresent(i -> after.put(i.key(), i));
        return after;
    }

    private static void refuseUnsound(PluginJar jar, Map<String, Instance> instances) {
        List<Problem> problems = new ArrayList<>();
        instances.values().forEach(instance -> problems.addAll(Gardener.problems(jar, instance)));
        if (!problems.isEmpty()) {
            Problem first = problems.get(0);
            throw new KoshiException(
                    ErrorCode.INVALID_PARAMS, "'" + jar.name() + "'" + first.path() + ": " + first.problem(), problems);
        }
    }

    /** A plugin that others hang on is not moved: they would stop with it. */
    private void refuseWide(Optional<Planted> plant, String what) {
        plant.ifPresent(p -> {
            List<String> closure = garden.closure(p);
            if (closure.size() > 1) {
                throw new KoshiException(
                        ErrorCode.CONFLICT,
                        what + " '" + p.jar().name() + "' would also restart " + String.join(", ", closure)
                                + "; remove those first");
            }
        });
    }

    private Planted swap(
            Optional<Planted> old, PluginJar jar, Map<String, Instance> before, Map<String, Instance> after)
            throws PluginFailure {
        if (old.isPresent() && old.get().jar().sha256().equals(jar.sha256())) {
            List<Instance> changed = after.values().stream()
                    .filter(i -> !i.sameAs(before.get(i.key())))
                    .toList();
            garden.change(old.get(), changed, List.of());
            return old.get();
        }
        garden.makeWay(jar.name());
        return garden.plant(jar, after.values());
    }

    /** The lock first: an entry without its line would be refused at the next start, a line without entry is idle. */
    private void record(PluginJar jar, Optional<Map<String, Object>> entry, String origin) throws IOException {
        Optional<LockFile.Line> line = shelf.lock().find(jar.name());
        if (shelf.isShipped(jar)) {
            shelf.lock().remove(jar.name());
        } else {
            shelf.lock()
                    .put(new LockFile.Line(jar.name(), jar.file().getFileName().toString(), jar.sha256(), origin));
        }
        try {
            entry.ifPresent(settings::putPlugin);
        } catch (KoshiException e) {
            if (line.isPresent()) {
                shelf.lock().put(line.get());
            } else {
                shelf.lock().remove(jar.name());
            }
            throw e;
        }
    }

    private void restore(Optional<Planted> old, PluginJar tried, Map<String, Instance> before) {
        if (old.isPresent()) {
            garden.makeWay(tried.name());
        } else {
            garden.uproot(tried.name());
        }
        if (old.isEmpty() || !old.get().jar().file().equals(tried.file())) {
            shelf.drop(tried);
        }
        try {
            if (old.isPresent()) {
                garden.plant(old.get().jar(), before.values());
                return;
            }
        } catch (PluginFailure again) {
            LOG.error("Plugin '{}' does not come back: {}", tried.name(), again.getMessage());
            before.values().forEach(instance -> garden.failed(instance, again.getMessage()));
            return;
        }
        before.values().forEach(instance -> garden.failed(instance, "it did not serve before either; see the log"));
    }

    /**
     * Removes an entry, and what was added for it with the last one; returns the plugin's version. Models of the file that
     * used it are shown as failed until it is added again.
     */
    String remove(String name, String reason) {
        String plugin = name.split("~")[0];
        refuseUnremovable(name);
        Optional<Planted> plant = garden.find(plugin);
        if (isEntry(name)) {
            settings.removePlugin(name);
        }
        if (isLastOf(name) && shelf.lock().find(plugin).isPresent()) {
            garden.uproot(plugin);
            forget(plugin);
            LOG.info("Plugin '{}' was removed", name);
            news.removed(name, plant.map(p -> p.jar().version()).orElse(""), reason);
        }
        gardener.follow(settings.config(), plugin, reason);
        return plant.map(p -> p.jar().version()).orElse("");
    }

    /** Removes all that stands on an added jar. */
    void removeAll(String plugin, String reason) {
        settings.config().plugins().stream()
                .map(entry -> String.valueOf(entry.get("name")))
                .filter(name -> name.startsWith(plugin + "~"))
                .forEach(name -> remove(name, reason));
        if (shelf.lock().find(plugin).isPresent()) {
            remove(plugin, reason);
        }
    }

    private boolean isLastOf(String name) {
        String plugin = name.split("~")[0];
        return settings.config().plugins().stream()
                .map(entry -> String.valueOf(entry.get("name")))
                .noneMatch(other -> !other.equals(name) && other.split("~")[0].equals(plugin));
    }

    private boolean isEntry(String name) {
        return settings.config().plugins().stream().anyMatch(e -> name.equals(e.get("name")));
    }

    /** What has an entry can be removed, and what was added; not the shipped that the hub itself or a model wants. */
    void refuseUnremovable(String name) {
        String plugin = name.split("~")[0];
        boolean added = name.equals(plugin) && shelf.lock().find(plugin).isPresent();
        if (isEntry(name) || added && isLastOf(name)) {
            refuseWide(isLastOf(name) ? garden.find(plugin) : Optional.empty(), "removing");
            return;
        }
        if (!garden.instances(plugin).isEmpty()) {
            throw new KoshiException(
                    ErrorCode.CONFLICT,
                    "'" + name + "' has no entry under 'plugins' to remove: it is always there, or a model uses it");
        }
        throw KoshiException.notFound("There is no plugin '" + name + "'; 'koshi plugins' lists them");
    }

    private void forget(String plugin) {
        try {
            Optional<LockFile.Line> line = shelf.lock().find(plugin);
            shelf.lock().remove(plugin);
            if (line.isPresent()) {
                Files.deleteIfExists(shelf.added().resolve(line.get().file()));
            }
        } catch (IOException e) {
            LOG.warn("The jar of '{}' is left behind in {}: {}", plugin, shelf.added(), e.toString());
        }
    }

    /** Takes a plugin out and brings it in again from its file. */
    PluginNews.Added reload(String plugin) throws PluginFailure {
        long began = System.nanoTime();
        Map<String, Instance> instances = garden.instances(plugin);
        if (instances.isEmpty()) {
            throw KoshiException.notFound("There is no plugin '" + plugin + "'; 'koshi plugins' lists them");
        }
        PluginJar jar = shelf.find(plugin);
        refuseUnsound(jar, instances);
        Optional<Planted> old = garden.find(plugin);
        refuseWide(old, "reloading");
        try {
            garden.makeWay(plugin);
            return news.added(garden.plant(jar, instances.values()), began);
        } catch (PluginFailure failure) {
            instances.values().forEach(instance -> garden.failed(instance, failure.getMessage()));
            news.failed(plugin, Optional.of(jar), failure, false);
            throw failure;
        }
    }
}
