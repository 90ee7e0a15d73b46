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
record Change(Settings settings, Shelf shelf, Garden garden, Gardener gardener, PluginNews news) {
    private static final Logger LOG = LoggerFactory.getLogger(Change.class);

    /**
     * Adds a plugin, or replaces it by another version.
     *
     * @param source a path to a jar, or the name of a shipped plugin
     * @param name the entry's name where it is not the plugin's
     * @param given the entry's settings; none leaves an entry that is there as it is
     * @param origin for the lock: {@code command} or {@code deploy:FILE}
     */
    PluginNews.Added add(String source, Optional<String> name, Map<String, Object> given, String origin)
            throws PluginFailure {
        long began = System.nanoTime();
        PluginJar jar = locate(source);
        Optional<Map<String, Object>> entry = entry(jar, name, given);
        Map<String, Instance> before = garden.instances(jar.name());
        Map<String, Instance> after = after(before, entry);
        refuseUnsound(jar, after);
        Optional<Planted> old = garden.find(jar.name());
        refuseWide(old, "replacing");
        PluginJar placed = shelf.isShipped(jar) ? jar : shelf.take(jar);
        try {
            Planted now = swap(old, placed, before, after);
            record(placed, entry, origin);
            old.filter(was -> !was.jar().file().equals(placed.file())).ifPresent(was -> shelf.drop(was.jar()));
            LOG.info("Plugin '{}' {} serves", placed.name(), placed.version());
            return news.added(now, began);
        } catch (PluginFailure failure) {
            restore(old, placed, before);
            LOG.error("Plugin '{}' was not added: {}", placed.name(), failure.getMessage());
            news.failed(placed.name(), Optional.of(placed), failure, true);
            throw failure;
        } catch (KoshiException | IOException unwritten) {
            restore(old, placed, before);
            PluginFailure failure = new PluginFailure(FETCH, unwritten.getMessage(), unwritten);
            news.failed(placed.name(), Optional.of(placed), failure, true);
            throw failure;
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
        try {
            if (Files.exists(Path.of(source))) {
                return PluginJar.read(Path.of(source).toAbsolutePath());
            }
        } catch (InvalidPathException e) {
            LOG.debug("No path: {}", source, e);
        }
        throw new PluginFailure(
                FETCH,
                "There is no file " + source + " and no shipped plugin of that name; shipped are "
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

    private Map<String, Instance> after(Map<String, Instance> before, Optional<Map<String, Object>> entry) {
        Map<String, Instance> after = new LinkedHashMap<>(before);
        entry.map(settings::preview).map(e -> Instance.ofEntry(e, "")).ifPresent(i -> after.put(i.key(), i));
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
    void refuseWide(Optional<Planted> plant, String what) {
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
        garden.uproot(jar.name());
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
        garden.uproot(tried.name());
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

    /** Removes an entry, and the plugin when it was its last one; returns the plugin's version. */
    String remove(String name, String reason) {
        String plugin = name.split("~")[0];
        boolean inFile = settings.config().plugins().stream().anyMatch(e -> name.equals(e.get("name")));
        if (!inFile) {
            throw unknown(name, plugin);
        }
        Optional<Planted> plant = garden.find(plugin);
        boolean last = garden.instances(plugin).size() == 1;
        refuseWide(last ? plant : Optional.empty(), "removing");
        settings.removePlugin(name);
        gardener.follow(settings.config(), plugin, reason);
        if (garden.instances(plugin).isEmpty()) {
            forget(plugin);
        }
        return plant.map(p -> p.jar().version()).orElse("");
    }

    private KoshiException unknown(String name, String plugin) {
        if (!garden.instances(plugin).isEmpty()) {
            return new KoshiException(
                    ErrorCode.CONFLICT,
                    "'" + name + "' has no entry under 'plugins' to remove: it is always there, or a model uses it");
        }
        return KoshiException.notFound("There is no plugin '" + name + "'; 'koshi plugins' lists them");
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
            garden.uproot(plugin);
            return news.added(garden.plant(jar, instances.values()), began);
        } catch (PluginFailure failure) {
            instances.values().forEach(instance -> garden.failed(instance, failure.getMessage()));
            news.failed(plugin, Optional.of(jar), failure, false);
            throw failure;
        }
    }
}
