package io.koshi.plugin.internal;

import static io.koshi.plugin.internal.PluginFailure.Phase.START;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * The plugins' configurations in ConfigAdmin: factory PID is the symbolic name, one for each instance. Each also says, as
 * {@code koshi.home} and {@code koshi.data}, what is the hub's own on this disk. Thread-safe.
 */
final class Configurations {
    private final BundleContext context;
    private final ConfigurationAdmin admin;
    private final Path home;
    private final Path data;

    /** PIDs that were deleted and not made again: somebody may yet have to be told. */
    private final Set<String> gone = ConcurrentHashMap.newKeySet();

    Configurations(BundleContext context, ConfigurationAdmin admin, Path home, Path data) {
        this.context = context;
        this.admin = admin;
        this.home = home;
        this.data = data;
    }

    static String pid(PluginJar jar, Instance instance) {
        return jar.bsn() + "~" + instance.id();
    }

    /**
     * Stores an instance's settings. ConfigAdmin tells of it later and on a thread of its own; where the same PID was deleted
     * before, this returns after that was told, else Declarative Services would take down what starts on the new one.
     */
    void push(PluginJar jar, Instance instance) throws PluginFailure {
        try {
            Dictionary<String, Object> settings = FlatSettings.of(instance, jar.kind());
            settings.put("koshi.home", home.toString());
            settings.put("koshi.data", data.toString());
            Configuration configuration = admin.getFactoryConfiguration(jar.bsn(), instance.id(), "?");
            if (gone.remove(configuration.getPid())) {
                try (Told told = Told.of(context, configuration.getPid())) {
                    configuration.updateIfDifferent(settings);
                    told.await();
                }
            } else {
                configuration.updateIfDifferent(settings);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new PluginFailure(START, "The settings of '" + instance.entry() + "' cannot be stored: " + e, e);
        }
    }

    void delete(PluginJar jar, Instance instance) {
        try {
            Configuration[] found = admin.listConfigurations("(service.pid=" + pid(jar, instance) + ")");
            if (found != null) {
                gone.add(found[0].getPid());
                found[0].delete();
            }
        } catch (IOException | InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
