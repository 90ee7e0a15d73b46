package io.koshi.cron;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** When something happens: what comes next depends on the zone and the last time and on nothing else. Immutable. */
@ProviderType
public interface Times {
    /** The first time strictly after {@code last}, in whole seconds; empty when there is none any more. */
    Optional<Instant> next(ZoneId zone, Instant last);
}
