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

    /** Whether every configured plugin serves or has had its time; routing may open then. */
    boolean settled();
}
