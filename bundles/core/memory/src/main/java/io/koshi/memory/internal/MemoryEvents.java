package io.koshi.memory.internal;

import io.koshi.api.Trust;
import io.koshi.rpc.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What this room tells others of memories. */
final class MemoryEvents {
    private MemoryEvents() {}

    /** Payload of {@code memory.stored}; {@code reinforced} when it was known. */
    record Stored(long id, String source, List<String> tags, Trust trust, boolean reinforced) {}

    /** Payload of {@code memory.suspicious}: something was taken out of a memory, or it was refused; never its text. */
    record Suspicion(String kind, String source, Trust trust, List<String> patterns) {}

    /** Payload of {@code memory.quarantined}: a memory waits for a person to let it into the core. */
    record Quarantined(long id, String reason, Optional<Long> against) {}

    /** Figures of {@code memory.stats}. */
    record Stats(
            @Doc("How many memories there are.") long count,
            @Doc("How many of them are core memories.") long core,
            @Doc("How many the full-text index can find.") long indexed,
            @Doc("How many can also be found by meaning.") long embedded,
            @Doc("How many are in the archive.") long archived,
            @Doc("How many of those the full-text index can find.") long archivedIndexed,

            @Doc("How many wait for a person to let them into the core.")
            long quarantined,

            @Doc("How many per tier.") Map<String, Long> tiers,

            @Doc("How often something was taken out of a memory or a memory was refused.")
            long securityEvents,

            @Doc("When memories were last distilled.") Optional<Instant> sleptAt) {}
}
