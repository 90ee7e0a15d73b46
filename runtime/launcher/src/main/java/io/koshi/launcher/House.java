package io.koshi.launcher;

import io.koshi.launcher.FeatureBundle.Start;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Felix with the core bundles of the features: from the class path (OSGi Connect, quick), or isolated (every bundle
 * with a class loader of its own, as strict as OSGi is).
 */
public final class House {
    /** Where garden bundles start, after everything they may need. */
    private static final String GARDEN_LEVEL = "40";

    private final Framework framework;

    private House(Framework framework) {
        this.framework = framework;
    }

    /**
     * Makes the framework and installs the core bundles; nothing is started yet. Of an earlier run only core bundles
     * stay: whatever else is found in the storage is uninstalled.
     *
     * @param properties framework properties, the storage directory among them
     */
    public static House build(Distribution distribution, boolean isolated, Map<String, String> properties)
            throws IOException, BundleException {
        List<FeatureBundle> core =
                distribution.bundles().stream().filter(b -> !b.garden()).toList();
        Framework framework = isolated
                ? new FrameworkFactory().newFramework(configuration(properties))
                : new FrameworkFactory().newFramework(configuration(properties), connector(distribution, core));
        framework.init();
        BundleContext context = framework.getBundleContext();
        Set<String> wanted = new HashSet<>(Set.of(Constants.SYSTEM_BUNDLE_LOCATION));
        for (FeatureBundle each : core) {
            String location =
                    isolated ? "reference:" + distribution.jar(each).toUri() : ClassPathModules.location(each.jar());
            wanted.add(location);
            if (context.getBundle(location) == null) {
                install(context, each, location, isolated);
            }
        }
        for (Bundle bundle : context.getBundles()) {
            if (!wanted.contains(bundle.getLocation())) {
                bundle.uninstall();
            }
        }
        return new House(framework);
    }

    /** Resolves all bundles in one go, which is quicker than one after the other, and starts them by their levels. */
    public void start() throws BundleException {
        framework.adapt(FrameworkWiring.class).resolveBundles(null);
        framework.start();
    }

    /** Stops all bundles in reverse order; returns at once. */
    public void stop() {
        try {
            framework.stop();
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns when the framework has stopped, whoever asked it to. */
    public void awaitStop() throws InterruptedException {
        framework.waitForStop(0);
    }

    /** The framework itself, for tests. */
    public Framework framework() {
        return framework;
    }

    private static ClassPathModules connector(Distribution distribution, List<FeatureBundle> core) {
        return new ClassPathModules(core.stream().collect(Collectors.toMap(FeatureBundle::jar, distribution::jar)));
    }

    private static void install(BundleContext context, FeatureBundle each, String location, boolean isolated)
            throws BundleException {
        Bundle bundle = context.installBundle(location);
        bundle.adapt(BundleStartLevel.class).setStartLevel(each.level());
        boolean starts = each.start() == Start.ALWAYS || each.start() == Start.ISOLATED && isolated;
        if (starts && bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
        }
    }

    /** What every start has in common; configurations live in memory, for koshi.yaml is where they are kept. */
    private static Map<String, String> configuration(Map<String, String> properties) {
        Map<String, String> all = new HashMap<>(Map.of(
                Constants.FRAMEWORK_BEGINNING_STARTLEVEL,
                GARDEN_LEVEL,
                "felix.startlevel.bundle",
                GARDEN_LEVEL,
                "felix.cache.locking",
                "false",
                "felix.cm.pm",
                "memory",
                "ds.loglevel",
                "warn",
                "org.osgi.service.log.admin.loglevel",
                "INFO",
                "org.apache.felix.http.require.config",
                "true",
                "org.apache.felix.jetty.websocket.enable",
                "true",
                "org.apache.felix.http.session.timeout",
                "30",
                "gosh.args",
                "--nointeractive"));
        all.putAll(properties);
        return all;
    }
}
