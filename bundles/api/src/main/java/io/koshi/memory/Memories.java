package io.koshi.memory;

import io.koshi.api.Trust;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** What the hub remembers. */
@ProviderType
public interface Memories {
    /** How deep a memory has settled; sleep moves what proves true and useful towards the core. */
    enum Tier {
        /** What happened. */
        EPISODIC,
        /** What is so. */
        SEMANTIC,
        /** How something is done. */
        PROCEDURAL,
        /** What the hub is and always knows; nothing gets here unchecked. */
        CORE;

        /** Its name on the wire. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param trust of whoever said it; a run that reads a LOW one has read untrusted text
     * @param score what reinforcing and demoting have made of it, 0 at first
     * @param rank how well it fits the query, higher is better, 3 decimals
     * @param confidence how sure the hub is of it, 0 to 1
     * @param archived whether it was set aside and is found only after those that were not
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
            Optional<Instant> lastHitAt,
            double confidence,
            boolean archived) {}

    /**
     * Something to remember.
     *
     * @param source who or what says so
     * @param tier where it goes; a CORE one is checked first and may have to wait for a person
     * @param sessionKey the conversation it comes from
     */
    record Note(
            String content,
            List<String> tags,
            String source,
            Trust trust,
            Tier tier,
            Optional<String> sessionKey,
            Optional<Long> narrativeId,
            Optional<String> taskId) {
        public Note {
            tags = List.copyOf(tags);
        }

        /** Something that happened, of no conversation. */
        public static Note of(String content, List<String> tags, String source, Trust trust) {
            return new Note(
                    content, tags, source, trust, Tier.EPISODIC, Optional.empty(), Optional.empty(), Optional.empty());
        }
    }

    /**
     * Stores a memory; the same content again reinforces the first.
     *
     * @return its id, -1 when nothing was left of it once cleaned
     * @throws io.koshi.api.KoshiException SERVICE_UNAVAILABLE when the disk is short
     */
    long store(Tx tx, Note note);

    /** The memories that fit a person's words best, those in the archive last. */
    List<Memory> query(String words, int limit);

    /** What the hub always knows, the oldest first. */
    List<Memory> core();
}
