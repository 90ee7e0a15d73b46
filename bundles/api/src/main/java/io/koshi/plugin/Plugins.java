package io.koshi.plugin;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** The plugins that are installed, and whether they serve. */
@ProviderType
public interface Plugins {
    /**
     * @param kind channel, service, model or listener
     * @param state active, waiting, failed or disabled
     */
    record Plugin(
            String name,
            Optional<String> instance,
            String kind,
            String bsn,
            String version,
            long bundleId,
            String sha256,
            String source,
            String state,
            Optional<String> error,
            Instant since) {}

    List<Plugin> list();

    /**
     * The channels that are configured, whether they serve or not, each by the name it goes by: {@code telegram}, or
     * {@code telegram~work} for a second one. Costs less than the whole list.
     */
    default List<String> channels() {
        return list().stream()
                .filter(plugin ->
                        plugin.kind().equals("channel") && !plugin.state().equals("disabled"))
                .map(plugin -> instance(plugin.name(), plugin.instance()))
                .toList();
    }

    /** The name an instance of a plugin goes by. */
    static String instance(String name, Optional<String> instance) {
        return instance.filter(one -> !name.contains("~") && !one.equals(name))
                .map(one -> one.contains("~") ? one : name + "~" + one)
                .orElse(name);
    }

    /** Whether every configured plugin serves or has had its time. */
    boolean settled();

    /**
     * Calls once, when every configured plugin serves or has had its time: routing opens then.
     *
     * @param then called on the caller's thread where that is so already
     */
    void onSettled(Runnable then);
}
