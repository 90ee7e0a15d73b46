package io.koshi.plugin.internal;

import io.koshi.api.Health;
import io.koshi.plugin.Plugins;
import io.koshi.plugin.Plugins.Plugin;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Degraded while a plugin that is asked for does not serve. Thread-safe. */
@Component(name = "io.koshi.plugin.health", configurationPolicy = ConfigurationPolicy.IGNORE)
public final class PluginHealth implements Health {
    private final Plugins plugins;

    @Activate
    public PluginHealth(@Reference Plugins plugins) {
        this.plugins = plugins;
    }

    @Override
    public Report health() {
        List<Plugin> all = plugins.list();
        Map<String, Object> states = new TreeMap<>();
        all.forEach(plugin -> states.put(name(plugin), plugin.state()));
        Report report = all.stream()
                .filter(plugin -> !plugin.state().equals("active"))
                .findFirst()
                .map(plugin -> Report.degraded(
                        "plugin",
                        "core",
                        "'" + name(plugin) + "' is " + plugin.state()
                                + plugin.error().map(e -> ": " + e).orElse("")))
                .orElseGet(() -> Report.healthy("plugin", "core"));
        return report.with(states);
    }

    private static String name(Plugin plugin) {
        return plugin.name() + plugin.instance().map(i -> "~" + i).orElse("");
    }
}
