package io.koshi.launcher;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.osgi.framework.Constants;

/**
 * The properties of the framework, which every bundle reads by {@code BundleContext.getProperty}. Of ours there are:
 *
 * <ul>
 *   <li>{@code koshi.home}: the home directory
 *   <li>{@code koshi.config}: the configuration file
 *   <li>{@code koshi.socket}: where the Unix socket is to be bound
 *   <li>{@code koshi.garden}: the directory with the plugins that are shipped
 *   <li>{@code koshi.connect}: false where every core bundle has a class loader of its own
 *   <li>{@code koshi.started}: when the process began, in milliseconds since 1970
 * </ul>
 */
public final class FrameworkProperties {
    /** Where garden bundles start, after everything they may need; the framework goes up to it by itself. */
    public static final int GARDEN_LEVEL = 40;

    private FrameworkProperties() {}

    /** All of them for one start. */
    public static Map<String, String> of(
            Distribution distribution, Path home, Path config, Path socket, boolean isolated) {
        Map<String, String> all = new HashMap<>(common());
        all.put("koshi.home", home.toString());
        all.put("koshi.config", config.toString());
        all.put("koshi.socket", socket.toString());
        all.put("koshi.garden", distribution.garden().toString());
        all.put("koshi.connect", Boolean.toString(!isolated));
        all.put("koshi.started", Long.toString(ProcessStart.millis()));
        return all;
    }

    private static Map<String, String> common() {
        String garden = Integer.toString(GARDEN_LEVEL);
        return Map.ofEntries(
                Map.entry(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, garden),
                Map.entry("felix.startlevel.bundle", garden),
                // The instance lock keeps others out already.
                Map.entry("felix.cache.locking", "false"),
                // Configurations are kept in koshi.yaml and nowhere else.
                Map.entry("felix.cm.pm", "memory"),
                Map.entry("ds.loglevel", "warn"),
                // Keeps what Declarative Services read from XML in the storage: an eighth of a start.
                Map.entry("ds.cache.metadata", "true"),
                // One logger for each name, not for each bundle: felix.log would keep those of bundles that are gone.
                Map.entry("ds.log.extension", "true"),
                Map.entry("org.osgi.service.log.admin.loglevel", "INFO"),
                // The log file is the history; one in memory would hold the bundles it tells of.
                Map.entry("org.apache.felix.log.maxSize", "0"),
                // Jetty starts once, when the configuration under the PID org.apache.felix.http is there.
                Map.entry("org.apache.felix.http.require.config", "true"),
                Map.entry("org.apache.felix.http.host", "127.0.0.1"),
                Map.entry("org.apache.felix.jetty.websocket.enable", "true"),
                Map.entry("org.apache.felix.http.session.timeout", "30"),
                // Without it the end of standard input stops the framework.
                Map.entry("gosh.args", "--nointeractive"));
    }
}
