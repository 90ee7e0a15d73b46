package io.koshi.cron.internal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * A moment as it was written.
 *
 * @param offset empty when the zone's clock is meant
 */
record OnceAt(LocalDateTime local, Optional<ZoneOffset> offset) {
    Instant in(ZoneId zone) {
        return offset.map(local::toInstant).orElseGet(() -> WallClock.valid(local, zone.getRules()));
    }
}
