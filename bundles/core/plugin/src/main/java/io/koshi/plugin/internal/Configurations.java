package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.START;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Dictionary;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * The plugins' configurations in ConfigAdmin: factory PID is the symbolic name, one for each instance. Each also says, as
 * {@code koshi.home} and {@code koshi.data}, what is the hub's own on this disk. Thread-safe.
 */
record Configurations(ConfigurationAdmin admin, Path home, Path data) {
    static String pid(PluginJar jar, Instance instance) {
        return jar.bsn() + "~" + instance.id();
    }

    void push(PluginJar jar, Instance instance) throws PluginFailure {
        try {
            Dictionary<String, Object> settings = FlatSettings.of(instance, jar.kind());
            settings.put("koshi.home", home.toString());
            settings.put("koshi.data", data.toString());
            admin.getFactoryConfiguration(jar.bsn(), instance.id(), "?").updateIfDifferent(settings);
        } catch (IOException | IllegalArgumentException e) {
            throw new PluginFailure(START, "The settings of '" + instance.entry() + "' cannot be stored: " + e, e);
        }
    }

    void delete(PluginJar jar, Instance instance) {
        try {
            Configuration[] found = admin.listConfigurations("(service.pid=" + pid(jar, instance) + ")");
            if (found != null) {
                found[0].delete();
            }
        } catch (IOException | InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
