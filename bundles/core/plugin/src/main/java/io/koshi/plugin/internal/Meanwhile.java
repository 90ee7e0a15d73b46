package io.koshi.plugin.internal;

import jakarta.servlet.Servlet;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * Answers 503 at the HTTP paths of plugins that are away for a moment: a platform takes 404 as final. What answers has
 * the lowest ranking and is there before the plugin's own servlet goes, so the web server always has one of the two
 * (OSGi Compendium, 140.4: of two servlets at a path the higher ranking serves, the other when that one goes).
 * Thread-safe.
 */
final class Meanwhile {
    private static final String PATTERN = "osgi.http.whiteboard.servlet.pattern";
    private static final String NAME = "osgi.http.whiteboard.servlet.name";

    private final BundleContext hub;
    private final Map<String, ServiceRegistration<Servlet>> held = new ConcurrentHashMap<>();

    Meanwhile(BundleContext hub) {
        this.hub = hub;
    }

    /** Holds the paths at which a plugin serves now, beside those that are held for it already. */
    void hold(String plugin, Bundle bundle) {
        Set<String> paths = paths(bundle);
        ServiceRegistration<Servlet> before = held.get(plugin);
        if (paths.isEmpty()) {
            return;
        }
        if (before != null) {
            paths.addAll(Arrays.asList((String[]) before.getReference().getProperty(PATTERN)));
        }
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(PATTERN, paths.toArray(String[]::new));
        properties.put(NAME, "koshi away " + plugin);
        properties.put(Constants.SERVICE_RANKING, Integer.MIN_VALUE);
        held.put(plugin, hub.registerService(Servlet.class, new Away(), properties));
        if (before != null) {
            before.unregister();
        }
    }

    /** Lets go of a plugin's paths: it serves again, or is not asked for any more. */
    void release(String plugin) {
        ServiceRegistration<Servlet> mine = held.remove(plugin);
        if (mine != null) {
            mine.unregister();
        }
    }

    private static Set<String> paths(Bundle bundle) {
        Set<String> paths = new TreeSet<>();
        ServiceReference<?>[] services = bundle.getRegisteredServices();
        for (ServiceReference<?> each : services == null ? new ServiceReference<?>[0] : services) {
            Object pattern = each.getProperty(PATTERN);
            if (pattern instanceof String one) {
                paths.add(one);
            } else if (pattern instanceof String[] several) {
                paths.addAll(Arrays.asList(several));
            }
        }
        return paths;
    }
}
