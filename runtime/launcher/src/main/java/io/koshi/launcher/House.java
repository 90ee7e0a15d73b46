package io.koshi.launcher;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.felix.framework.FrameworkFactory;
import org.apache.felix.framework.util.FelixConstants;
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
        Framework framework = framework(properties, isolated ? null : connector(distribution, core));
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

    /** Felix takes its logger, an object, among its properties. */
    @SuppressWarnings({"rawtypes", "unchecked"})
    private static Framework framework(Map<String, String> properties, ClassPathModules connector) {
        Map all = new HashMap<>(properties);
        all.put(FelixConstants.LOG_LOGGER_PROP, new FrameworkLog());
        return connector == null
                ? new FrameworkFactory().newFramework(all)
                : new FrameworkFactory().newFramework(all, connector);
    }

    private static ClassPathModules connector(Distribution distribution, List<FeatureBundle> core) throws IOException {
        return new ClassPathModules(
                core.stream().collect(Collectors.toMap(FeatureBundle::jar, distribution::jar)),
                House.class.getClassLoader(),
                HeaderIndex.read(distribution.headers()));
    }

    private static void install(BundleContext context, FeatureBundle each, String location, boolean isolated)
            throws BundleException {
        Bundle bundle = context.installBundle(location);
        bundle.adapt(BundleStartLevel.class).setStartLevel(each.level());
        if (each.starts(isolated) && bundle.getHeaders("").get(Constants.FRAGMENT_HOST) == null) {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
        }
    }
}
