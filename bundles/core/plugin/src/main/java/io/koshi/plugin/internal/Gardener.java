package io.koshi.plugin.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.plugin.internal.Garden.Planted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the garden what a configuration asks for, touching only plugins whose entries differ. Guarded by its user's lock;
 * different plugins are tended at once.
 */
record Gardener(Shelf shelf, Garden garden, PluginNews news, Executor work) {
    private static final Logger LOG = LoggerFactory.getLogger(Gardener.class);

    /** @param reason why a plugin goes that is no longer asked for: config, command or deploy */
    void follow(Config config, String reason) {
        Map<String, Instance> wanted = Instance.of(config);
        Set<String> plugins = new LinkedHashSet<>();
        wanted.values().forEach(instance -> plugins.add(instance.plugin()));
        garden.slots().forEach(slot -> plugins.add(slot.instance().plugin()));
        CompletableFuture.allOf(plugins.stream()
                        .map(plugin -> CompletableFuture.runAsync(() -> tend(plugin, of(plugin, wanted), reason), work))
                        .toArray(CompletableFuture[]::new))
                .join();
    }

    /** The same for one plugin. */
    void follow(Config config, String plugin, String reason) {
        tend(plugin, of(plugin, Instance.of(config)), reason);
    }

    private static Map<String, Instance> of(String plugin, Map<String, Instance> all) {
        Map<String, Instance> mine = new LinkedHashMap<>(all);
        mine.values().removeIf(instance -> !instance.plugin().equals(plugin));
        return mine;
    }

    private void tend(String plugin, Map<String, Instance> wanted, String reason) {
        Map<String, Instance> have = garden.instances(plugin);
        List<Instance> removed =
                have.values().stream().filter(i -> !wanted.containsKey(i.key())).toList();
        List<Instance> changed = wanted.values().stream()
                .filter(i -> !i.sameAs(have.get(i.key())))
                .toList();
        if (removed.isEmpty() && changed.isEmpty()) {
            return;
        }
        Optional<Planted> plant = garden.find(plugin);
        String version = plant.map(p -> p.jar().version()).orElse("");
        if (wanted.isEmpty()) {
            garden.uproot(plugin);
        } else if (plant.isPresent()) {
            change(plant.get(), wanted, changed, removed);
        } else {
            removed.forEach(garden::forget);
            plant(plugin, wanted);
        }
        removed.forEach(instance -> {
            LOG.info("Plugin '{}' was removed", instance.entry());
            news.removed(instance.entry(), version, reason);
        });
    }

    private void plant(String plugin, Map<String, Instance> wanted) {
        long began = System.nanoTime();
        Optional<PluginJar> jar = Optional.empty();
        try {
            jar = Optional.of(shelf.find(plugin));
            List<Instance> sound = sound(jar.get(), wanted.values());
            if (!sound.isEmpty()) {
                news.added(garden.plant(jar.get(), sound), began);
            }
        } catch (PluginFailure failure) {
            giveUp(plugin, jar, wanted, failure);
        }
    }

    private void change(Planted plant, Map<String, Instance> wanted, List<Instance> changed, List<Instance> removed) {
        try {
            garden.change(plant, sound(plant.jar(), changed), removed);
        } catch (PluginFailure failure) {
            garden.makeWay(plant.jar().name()); // it is still asked for
            giveUp(plant.jar().name(), Optional.of(plant.jar()), wanted, failure);
        }
    }

    private void giveUp(String plugin, Optional<PluginJar> jar, Map<String, Instance> wanted, PluginFailure failure) {
        LOG.error("Plugin '{}' does not serve: {}", plugin, failure.getMessage());
        wanted.values().forEach(instance -> garden.failed(instance, jar, failure.getMessage()));
        news.failed(plugin, jar, failure, false);
    }

    /** The instances whose settings the plugin understands; the others are shown as failed. */
    private List<Instance> sound(PluginJar jar, Iterable<Instance> instances) {
        List<Instance> sound = new ArrayList<>();
        for (Instance instance : instances) {
            List<Problem> problems = problems(jar, instance);
            if (problems.isEmpty()) {
                sound.add(instance);
            } else {
                garden.failed(
                        instance,
                        Optional.of(jar),
                        problems.stream()
                                .map(p -> p.path() + ": " + p.problem())
                                .collect(Collectors.joining("; ")));
            }
        }
        return sound;
    }

    static List<Problem> problems(PluginJar jar, Instance instance) {
        return jar.settings().problems(instance.path(), instance.settings());
    }
}
