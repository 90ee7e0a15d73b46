package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.RESOLVE;
import static io.koshi.plugin.internal.PluginFailure.Phase.START;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Installs and uninstalls plugins' bundles, and sees to it that no other is touched. Thread-safe. */
final class Bundles {
    private static final Logger LOG = LoggerFactory.getLogger(Bundles.class);
    private static final String SPI_FLY = "org.apache.aries.spifly.dynamic.bundle";

    private final BundleContext context;

    /** Those that were installed here: no plugin may hang on another. */
    private final Set<Bundle> guests = ConcurrentHashMap.newKeySet();

    Bundles(BundleContext context) {
        this.context = context;
    }

    /**
     * Finds out whether a jar would resolve, before anything is touched.
     *
     * @throws PluginFailure RESOLVE when nobody has a package that it needs
     */
    void refuseUnresolvable(PluginJar jar) throws PluginFailure {
        List<String> missing = jar.needs().stream()
                .filter(need -> wiring().findProviders(need).isEmpty())
                .map(need -> "package " + need.name() + " " + need.filter())
                .toList();
        if (!missing.isEmpty()) {
            throw unresolvable(jar, String.join("; ", missing));
        }
    }

    private static PluginFailure unresolvable(PluginJar jar, String missing) {
        return new PluginFailure(
                RESOLVE,
                "'" + jar.name() + "' needs what is not here: " + missing
                        + ". Put its libraries inside the jar, or build it against this hub's api");
    }

    /** Symbolic names of other plugins that alone have a package which the jar imports. */
    List<String> hosts(PluginJar jar) {
        Set<String> hosts = new TreeSet<>();
        for (PackageNeed need : jar.needs()) {
            List<Bundle> providers = wiring().findProviders(need).stream()
                    .map(capability -> capability.getRevision().getBundle())
                    .toList();
            if (guests.containsAll(providers)) {
                providers.forEach(host -> hosts.add(host.getSymbolicName()));
            }
        }
        hosts.remove(jar.bsn());
        return List.copyOf(hosts);
    }

    /** Installs and resolves; nothing of the plugin runs, and nothing is left of it when this fails. */
    Bundle install(PluginJar jar) throws PluginFailure {
        Bundle bundle;
        try {
            bundle = context.installBundle(jar.file().toUri().toString());
        } catch (BundleException e) {
            throw new PluginFailure(RESOLVE, jar.file().getFileName() + " cannot be installed: " + e.getMessage(), e);
        }
        bundle.adapt(BundleStartLevel.class).setStartLevel(1);
        if (!wiring().resolveBundles(List.of(bundle))) {
            String missing = missing(bundle);
            uninstall(bundle);
            throw unresolvable(jar, missing);
        }
        List<String> hosts = hosts(bundle);
        if (!hosts.isEmpty()) {
            uninstall(bundle);
            throw dependent(jar, hosts);
        }
        guests.add(bundle);
        return bundle;
    }

    /** A plugin that stands on another could not be left alone when that one goes. */
    static PluginFailure dependent(PluginJar jar, List<String> hosts) {
        return new PluginFailure(
                RESOLVE,
                "'" + jar.name() + "' would hang on " + String.join(", ", hosts)
                        + ", and restart with it; put the packages it needs inside its own jar");
    }

    /** The other plugins that a resolved bundle is wired to, in whatever way. */
    private List<String> hosts(Bundle bundle) {
        return bundle.adapt(BundleWiring.class).getRequiredWires(null).stream()
                .map(wire -> wire.getProvider().getBundle())
                .filter(guests::contains)
                .map(Bundle::getSymbolicName)
                .distinct()
                .toList();
    }

    private String missing(Bundle bundle) {
        Collection<String> missing = bundle.adapt(BundleRevision.class).getDeclaredRequirements(null).stream()
                .filter(r -> !"optional".equals(r.getDirectives().get("resolution")))
                .filter(r -> !"active".equals(r.getDirectives().get("effective")))
                .filter(r -> wiring().findProviders(r).isEmpty())
                .map(r -> r.getNamespace() + " " + r.getDirectives().getOrDefault("filter", ""))
                .toList();
        return missing.isEmpty() ? "its requirements contradict each other" : String.join("; ", missing);
    }

    /** Starts a resolved bundle; runs its components' constructors. */
    void start(Bundle bundle, PluginJar jar) throws PluginFailure {
        try {
            if (jar.usesServiceLoader()) {
                startServiceLoader();
            }
            bundle.start(Bundle.START_TRANSIENT);
        } catch (BundleException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new PluginFailure(START, "'" + jar.name() + "' cannot be started: " + cause.getMessage(), e);
        }
    }

    /** Providers of ServiceLoader are found by SPI Fly, which is not started before somebody asks for them. */
    private void startServiceLoader() throws BundleException {
        for (Bundle each : context.getBundles()) {
            if (SPI_FLY.equals(each.getSymbolicName()) && each.getState() != Bundle.ACTIVE) {
                each.start(Bundle.START_TRANSIENT);
            }
        }
    }

    /** Names of all bundles that would be refreshed with this one, itself among them. */
    List<String> closure(Bundle bundle) {
        return wiring().getDependencyClosure(List.of(bundle)).stream()
                .map(Bundle::getSymbolicName)
                .sorted()
                .toList();
    }

    /** Stops and takes out a bundle, and refreshes it alone so that nothing keeps its classes. */
    void uninstall(Bundle bundle) {
        try {
            guests.remove(bundle);
            if (bundle.getState() != Bundle.UNINSTALLED) {
                bundle.uninstall();
            }
            refresh(bundle);
            ServiceUsage.forget(context.getBundle(0), bundle);
        } catch (BundleException | IllegalStateException e) {
            LOG.warn("{} could not be taken out cleanly", bundle.getSymbolicName(), e);
        }
    }

    private void refresh(Bundle bundle) {
        if (closure(bundle).size() > 1) {
            LOG.warn("{} is still used by {} and is not refreshed", bundle.getSymbolicName(), closure(bundle));
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        wiring().refreshBundles(List.of(bundle), event -> {
            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                done.countDown();
            }
        });
        try {
            if (!done.await(10, TimeUnit.SECONDS)) {
                LOG.warn("The refresh of {} takes unusually long", bundle.getSymbolicName());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private FrameworkWiring wiring() {
        return context.getBundle(0).adapt(FrameworkWiring.class);
    }
}
