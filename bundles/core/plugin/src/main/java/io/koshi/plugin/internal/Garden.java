package io.koshi.plugin.internal;

import io.koshi.plugin.internal.Components.Trouble;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugins that run and their instances; turns what is wanted into bundles and configurations, touching nothing else.
 * Its changes are guarded by its user, its views are thread-safe.
 */
final class Garden {
    private static final Logger LOG = LoggerFactory.getLogger(Garden.class);

    /** A plugin's bundle. */
    record Planted(PluginJar jar, Bundle bundle) {}

    /**
     * What became of an instance.
     *
     * @param error why it was given up, empty when it runs
     */
    record Slot(Instance instance, Optional<PluginJar> jar, Optional<String> error, Instant since) {}

    private final Bundles bundles;
    private final Configurations configurations;
    private final Components components;
    private final TimeLimit limit;
    private final Meanwhile meanwhile;
    private final Map<String, Planted> planted = new ConcurrentHashMap<>();
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();

    Garden(
            Bundles bundles,
            Configurations configurations,
            Components components,
            TimeLimit limit,
            Meanwhile meanwhile) {
        this.bundles = bundles;
        this.configurations = configurations;
        this.components = components;
        this.limit = limit;
        this.meanwhile = meanwhile;
    }

    Optional<Planted> find(String plugin) {
        return Optional.ofNullable(planted.get(plugin));
    }

    Collection<Slot> slots() {
        return slots.values();
    }

    /** The instances of a plugin by key. */
    Map<String, Instance> instances(String plugin) {
        Map<String, Instance> found = new LinkedHashMap<>();
        slots.values().stream()
                .map(Slot::instance)
                .filter(instance -> instance.plugin().equals(plugin))
                .forEach(instance -> found.put(instance.key(), instance));
        return found;
    }

    /** What keeps an instance from serving, at this moment. */
    Optional<Trouble> trouble(Slot slot) {
        if (slot.error().isPresent()) {
            return slot.error().map(error -> new Trouble(true, error));
        }
        Planted plant = planted.get(slot.instance().plugin());
        return plant == null
                ? Optional.of(new Trouble(true, "it is not installed"))
                : components.trouble(plant.bundle(), Configurations.pid(plant.jar(), slot.instance()));
    }

    /**
     * Brings a plugin in with all its instances; when it fails nothing of it is left.
     *
     * @return its bundle
     */
    Planted plant(PluginJar jar, Collection<Instance> instances) throws PluginFailure {
        Bundle bundle = bundles.install(jar);
        try {
            for (Instance instance : instances) {
                configurations.push(jar, instance);
            }
            limit.run(jar.name(), () -> {
                bundles.start(bundle, jar);
                components.activate(bundle);
            });
        } catch (PluginFailure failure) {
            takeOut(jar, bundle, instances);
            throw failure;
        }
        Planted plant = new Planted(jar, bundle);
        planted.put(jar.name(), plant);
        meanwhile.release(jar.name());
        instances.forEach(instance -> serving(jar, instance));
        return plant;
    }

    /** Takes a plugin out that is to be planted again, with all its instances; its paths are held meanwhile. */
    void makeWay(String plugin) {
        find(plugin).ifPresent(plant -> meanwhile.hold(plugin, plant.bundle()));
        clear(plugin);
    }

    /** Takes a plugin out for good with all its instances; does nothing when it is not there. */
    void uproot(String plugin) {
        clear(plugin);
        meanwhile.release(plugin);
    }

    private void clear(String plugin) {
        Planted plant = planted.remove(plugin);
        Collection<Instance> instances = instances(plugin).values();
        if (plant != null) {
            takeOut(plant.jar(), plant.bundle(), instances);
        }
        instances.forEach(instance -> slots.remove(instance.key()));
    }

    /** A plugin's own code may hang while it is stopped, too. */
    private void takeOut(PluginJar jar, Bundle bundle, Collection<Instance> instances) {
        try {
            limit.run(jar.name() + "-out", () -> bundles.uninstall(bundle));
        } catch (PluginFailure stuck) {
            LOG.error("'{}' hangs while it is taken out", jar.name(), stuck);
        }
        instances.forEach(instance -> configurations.delete(jar, instance));
    }

    /**
     * Gives a running plugin's instances their new settings. With one instance the bundle is stopped meanwhile, so that its
     * code runs on a thread that can be given up; with several, the others are left alone.
     */
    void change(Planted plant, List<Instance> changed, List<Instance> removed) throws PluginFailure {
        boolean only = instances(plant.jar().name()).size() == 1 && changed.size() == 1 && removed.isEmpty();
        if (only
                && changed.get(0)
                        .key()
                        .equals(instances(plant.jar().name())
                                .keySet()
                                .iterator()
                                .next())) {
            meanwhile.hold(plant.jar().name(), plant.bundle());
            limit.run(plant.jar().name(), () -> {
                plant.bundle().stop(Bundle.STOP_TRANSIENT);
                configurations.push(plant.jar(), changed.get(0));
                bundles.start(plant.bundle(), plant.jar());
                components.activate(plant.bundle());
            });
            meanwhile.release(plant.jar().name());
        } else {
            for (Instance instance : changed) {
                configurations.push(plant.jar(), instance);
            }
        }
        changed.forEach(instance -> serving(plant.jar(), instance));
        for (Instance instance : removed) {
            configurations.delete(plant.jar(), instance);
            slots.remove(instance.key());
        }
    }

    private void serving(PluginJar jar, Instance instance) {
        slots.put(instance.key(), new Slot(instance, Optional.of(jar), Optional.empty(), Instant.now()));
    }

    /** Keeps an instance that is wanted but cannot serve in view. */
    void failed(Instance instance, String error) {
        failed(instance, find(instance.plugin()).map(Planted::jar), error);
    }

    /** The same where the jar was never planted: what it is, a channel for one, counts all the same. */
    void failed(Instance instance, Optional<PluginJar> jar, String error) {
        slots.put(instance.key(), new Slot(instance, jar, Optional.of(error), Instant.now()));
    }

    /** No longer shows an instance that never ran. */
    void forget(Instance instance) {
        slots.remove(instance.key());
    }

    /**
     * Finds out whether a jar could be planted, before anything is touched.
     *
     * @throws PluginFailure RESOLVE when it lacks a package or hangs on another plugin
     */
    void refuseUnresolvable(PluginJar jar) throws PluginFailure {
        bundles.refuseUnresolvable(jar);
        List<String> hosts = bundles.hosts(jar);
        if (!hosts.isEmpty()) {
            throw Bundles.dependent(jar, hosts);
        }
    }

    /** Symbolic names of all bundles that planting a jar would touch or tie to it, itself among them. */
    List<String> closure(PluginJar jar) {
        Set<String> closure = new TreeSet<>(bundles.hosts(jar));
        closure.add(jar.bsn());
        find(jar.name()).map(this::closure).ifPresent(closure::addAll);
        return List.copyOf(closure);
    }

    List<String> closure(Planted plant) {
        return bundles.closure(plant.bundle());
    }
}
