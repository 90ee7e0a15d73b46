package io.koshi.memory;

import io.koshi.api.Trust;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What the hub remembers. */
@ProviderType
public interface Memories {
    /**
     * @param score what reinforcing and demoting have made of it, 0 at first
     * @param rank how well it fits the query, higher is better, 3 decimals
     */
    record Memory(
            long id,
            String content,
            List<String> tags,
            String source,
            String tier,
            Trust trust,
            long score,
            double rank,
            Instant createdAt,
            Optional<Instant> lastHitAt) {}

    /**
     * Stores a memory; the same content again reinforces the first.
     *
     * @return its id
     * @throws io.koshi.api.KoshiException SERVICE_UNAVAILABLE when the disk is short
     */
    long store(Tx tx, String content, List<String> tags, String source, Trust trust);

    /** The memories that fit a person's words best. */
    List<Memory> query(String words, int limit);
}
