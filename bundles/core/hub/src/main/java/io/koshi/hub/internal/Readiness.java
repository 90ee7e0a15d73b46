package io.koshi.hub.internal;

import io.koshi.plugin.Plugins;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.SynchronousBundleListener;

/** Knows what the hub must have before it may call itself ready. Thread-safe. */
final class Readiness {
    /** Parts that a hub cannot do without, by the names of their health reports. */
    private static final List<String> NEEDED = List.of("store", "buffer", "router", "outbox", "ipc", "http");

    /** Doors that are waited for where they are installed: who is told that the hub is ready finds them open. */
    private static final List<String> DOORS = List.of("gateway", "rest", "mcp", "openai");

    private final BundleContext context;
    private final PartTable parts;

    /** Counts bundles that have come or gone, before whoever did it goes on: no answer is older than that. */
    private final AtomicLong changes = new AtomicLong();

    private final SynchronousBundleListener counting = event -> changes.incrementAndGet();
    private volatile Installed installed = new Installed(-1, Map.of());

    private volatile Here heard = new Here(-1, Set.of());

    /** Names of parts, as they were after so many changes. */
    private record Here(long changes, Set<String> names) {}

    /** Bundles by symbolic name, as they were after so many changes. */
    private record Installed(long changes, Map<String, Bundle> bundles) {}

    Readiness(BundleContext context, PartTable parts) {
        this.context = context;
        this.parts = parts;
        context.addBundleListener(counting);
    }

    void close() {
        context.removeBundleListener(counting);
    }

    /** What the start waits for. */
    List<String> starting() {
        Set<String> here = here();
        List<String> waiting = new ArrayList<>();
        for (String name : NEEDED) {
            if (!here.contains(name) && !serves(name)) {
                waiting.add(name);
            }
        }
        for (String door : DOORS) {
            Bundle bundle = bundle(door);
            if (bundle != null && bundle.getRegisteredServices() == null) {
                waiting.add(door);
            }
        }
        Optional<Plugins> plugins = parts.plugins();
        if (plugins.isEmpty()) {
            waiting.add("plugin");
        } else if (!plugins.get().settled()) {
            plugins.get().list().stream()
                    .filter(plugin -> plugin.state().equals("waiting"))
                    .forEach(plugin -> waiting.add(plugin.name()));
            if (waiting.isEmpty()) {
                waiting.add("plugins");
            }
        }
        return waiting;
    }

    /** What a running hub lacks: needed parts, and configured channels without a live service. */
    List<String> lacking() {
        List<String> lacking = starting();
        Optional<Plugins> plugins = parts.plugins();
        if (plugins.isPresent()) {
            for (String channel : plugins.get().channels()) {
                if (!lacking.contains(channel) && !alive(channel)) {
                    lacking.add(channel);
                }
            }
        }
        return lacking;
    }

    /** The name its channel goes by. */
    static String instance(Plugins.Plugin plugin) {
        return Plugins.instance(plugin.name(), plugin.instance());
    }

    /** Whether a room that says nothing of its health offers what it is for. */
    private boolean serves(String name) {
        Bundle bundle = bundle(name);
        return bundle != null && bundle.getRegisteredServices() != null;
    }

    private Bundle bundle(String name) {
        return bundles().get("io.koshi." + name);
    }

    /** The names of the core's parts that report, as they are now. */
    private Set<String> here() {
        Here known = heard;
        long now = parts.changes();
        if (known.changes() != now) {
            known = new Here(
                    now,
                    parts.healths().stream()
                            .filter(PartTable.Part::core)
                            .map(PartTable.Part::name)
                            .collect(Collectors.toSet()));
            heard = known;
        }
        return known.names();
    }

    private Map<String, Bundle> bundles() {
        Installed known = installed;
        long now = changes.get();
        if (known.changes() != now) {
            known = new Installed(
                    now,
                    Arrays.stream(context.getBundles())
                            .filter(bundle -> bundle.getSymbolicName() != null)
                            .collect(Collectors.toMap(
                                    Bundle::getSymbolicName, bundle -> bundle, (first, second) -> first)));
            installed = known;
        }
        return known.bundles();
    }

    private boolean alive(String channel) {
        return parts.channels().flatMap(channels -> channels.find(channel)).isPresent();
    }
}
