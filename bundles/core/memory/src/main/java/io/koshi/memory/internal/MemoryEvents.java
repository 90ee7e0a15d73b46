package io.koshi.memory.internal;

import io.koshi.api.Trust;
import io.koshi.rpc.Doc;
import java.util.List;
import java.util.Map;

/** What this room tells others of memories. */
final class MemoryEvents {
    private MemoryEvents() {}

    /** Payload of {@code memory.stored}; {@code reinforced} when it was known. */
    record Stored(long id, String source, List<String> tags, Trust trust, boolean reinforced) {}

    /** Figures of {@code memory.stats}. */
    record Stats(
            @Doc("How many memories there are.") long count,
            @Doc("How many of them are core memories.") long core,
            @Doc("How many the full-text index can find.") long indexed,
            @Doc("How many per tier.") Map<String, Long> tiers,

            @Doc("How often something was taken out of a memory or a memory was refused.")
            long securityEvents) {}
}
