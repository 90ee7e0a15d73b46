package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.START;

import java.io.IOException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** The plugins' configurations in ConfigAdmin: factory PID is the symbolic name, one for each instance. Thread-safe. */
record Configurations(ConfigurationAdmin admin) {
    static String pid(PluginJar jar, Instance instance) {
        return jar.bsn() + "~" + instance.id();
    }

    void push(PluginJar jar, Instance instance) throws PluginFailure {
        try {
            admin.getFactoryConfiguration(jar.bsn(), instance.id(), "?")
                    .updateIfDifferent(FlatSettings.of(instance, jar.kind()));
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
