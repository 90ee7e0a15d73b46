package io.koshi.memory.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.memory.Memories;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps memories and finds them again by words, score and age. Thread-safe. */
@Component(
        name = "io.koshi.memory",
        service = {Memories.class, Recollection.class})
public final class Recollection implements Memories {
    private static final Logger LOG = LoggerFactory.getLogger(Recollection.class);

    /** Longest memory, in characters; longer things are documents. */
    static final int MAX_CONTENT = 20_000;

    /** The id of a memory that nothing was left of. */
    static final long REJECTED = -1;

    private final Store store;
    private final Events events;
    private final Settings settings;
    private final TextIndex texts;

    @Activate
    public Recollection(@Reference Store store, @Reference Events events, @Reference Settings settings) {
        this.store = store;
        this.events = events;
        this.settings = settings;
        store.migrate("memory", MemoryTables.STEPS);
        this.texts = store.textIndex(MemoryTables.INDEX);
    }

    @Override
    public long store(Tx tx, String content, List<String> tags, String source, Trust trust) {
        if (content.length() > MAX_CONTENT) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE, "a memory has at most " + MAX_CONTENT + " characters; store its gist");
        }
        Optional<String> kept = cleaned(tx, content, source);
        if (kept.isEmpty()) {
            return REJECTED;
        }
        String sameness = Words.sameness(kept.get());
        Optional<Long> known = tx.first("SELECT id FROM memory WHERE sameness = ?", row -> row.number("id"), sameness);
        long id = known.isPresent() ? known.get() : insert(tx, kept.get(), sameness, tags, source, trust);
        if (known.isPresent()) {
            weigh(tx, id, settings.config().memory().reinforceWeight(), true);
        }
        var stored = new MemoryEvents.Stored(id, source, tags, trust, known.isPresent());
        tx.afterCommit(() -> events.publish("memory", "memory.stored", stored));
        return id;
    }

    private long insert(Tx tx, String content, String sameness, List<String> tags, String source, Trust trust) {
        if (store.diskShort()) {
            LOG.warn("no memory was stored: the disk has less than store.minFreeMB left");
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, "the disk is nearly full: free some space, then store it again");
        }
        long id = tx.insert(
                "INSERT INTO memory (content, sameness, tags, source, tier, trust, created_at)"
                        + " VALUES (?, ?, ?, ?, 'episodic', ?, ?)",
                content,
                sameness,
                Tags.text(tags),
                source,
                trust,
                Instant.now());
        texts.put(tx, id, indexed(content, tags));
        return id;
    }

    private Optional<String> cleaned(Tx tx, String content, String source) {
        Injection.Cleaned cleaned = Injection.clean(content);
        if (!cleaned.stripped().isEmpty()) {
            securityEvent(tx, "injection_stripped", source, String.join(" ", cleaned.stripped()));
        }
        if (Words.sameness(cleaned.text()).isEmpty()) {
            securityEvent(tx, "memory_rejected", source, "nothing was left of it");
            return Optional.empty();
        }
        return Optional.of(cleaned.text());
    }

    private static void securityEvent(Tx tx, String kind, String source, String detail) {
        tx.update(
                "INSERT INTO security_event (kind, source, detail, at) VALUES (?, ?, ?, ?)",
                kind,
                source,
                detail,
                Instant.now());
    }

    @Override
    public List<Memory> query(String words, int limit) {
        List<String> plain = Words.of(words);
        if (plain.isEmpty()) {
            return List.of();
        }
        Instant now = Instant.now();
        return store.read(tx -> {
            List<Memory> found = new ArrayList<>();
            for (TextIndex.Hit hit : texts.search(tx, String.join(" ", plain), limit * 3)) {
                tx.first(
                                "SELECT * FROM memory WHERE id = ?",
                                row -> memory(row, Rank.of(hit.rank(), row.number("score"), freshAt(row), now)),
                                hit.id())
                        .ifPresent(found::add);
            }
            found.sort(Comparator.comparingDouble(Memory::rank).reversed());
            return found.stream().limit(limit).map(Recollection::rounded).toList();
        });
    }

    /** The newest memories, without any effect on them. */
    List<Memory> newest(Optional<String> tier, int limit) {
        return store.read(tx -> tx.query(
                "SELECT * FROM memory WHERE ? IS NULL OR tier = ? ORDER BY id DESC LIMIT ?",
                row -> memory(row, 0),
                tier,
                tier,
                limit));
    }

    /** Adds to a memory's score; empty when there is none with this id. */
    Optional<Memory> weigh(long id, int by, boolean hit) {
        return store.writeNow(tx -> {
            weigh(tx, id, by, hit);
            return find(tx, id);
        });
    }

    private static void weigh(Tx tx, long id, int by, boolean hit) {
        long score = Rank.bounded(tx.number("SELECT score FROM memory WHERE id = ?", id) + by);
        Optional<Instant> hitAt = hit ? Optional.of(Instant.now()) : Optional.empty();
        tx.update("UPDATE memory SET score = ?, last_hit_at = COALESCE(?, last_hit_at) WHERE id = ?", score, hitAt, id);
    }

    /**
     * Rewrites a memory and keeps its score; absent tags stay as they are.
     *
     * @throws KoshiException CONFLICT when another memory says the same
     */
    Optional<Memory> update(long id, String content, Optional<List<String>> tags) {
        return store.writeNow(tx -> {
            Optional<Memory> old = find(tx, id);
            if (old.isEmpty()) {
                return old;
            }
            String kept = cleaned(tx, content, old.get().source())
                    .orElseThrow(() -> KoshiException.invalid("/content", "nothing is left of it once cleaned"));
            String sameness = Words.sameness(kept);
            long twin = tx.number("SELECT id FROM memory WHERE sameness = ? AND id <> ?", sameness, id);
            if (twin != 0) {
                throw new KoshiException(
                        ErrorCode.CONFLICT, "memory " + twin + " says the same: reinforce it and forget this one");
            }
            List<String> kepttags = tags.orElse(old.get().tags());
            tx.update(
                    "UPDATE memory SET content = ?, sameness = ?, tags = ?, last_hit_at = ? WHERE id = ?",
                    kept,
                    sameness,
                    Tags.text(kepttags),
                    Instant.now(),
                    id);
            texts.put(tx, id, indexed(kept, kepttags));
            return find(tx, id);
        });
    }

    /** Takes a memory away for good; false when there was none. */
    boolean forget(long id) {
        return store.writeNow(tx -> {
            texts.remove(tx, id);
            return tx.update("DELETE FROM memory WHERE id = ?", id) > 0;
        });
    }

    MemoryEvents.Stats stats() {
        return store.read(tx -> {
            Map<String, Long> tiers = new LinkedHashMap<>();
            tx.query("SELECT tier, COUNT(*) AS n FROM memory GROUP BY tier ORDER BY tier", row -> {
                tiers.put(row.text("tier"), row.number("n"));
                return row.text("tier");
            });
            long count = tiers.values().stream().mapToLong(Long::longValue).sum();
            return new MemoryEvents.Stats(
                    count,
                    tiers.getOrDefault("core", 0L),
                    count,
                    tiers,
                    tx.number("SELECT COUNT(*) FROM security_event"));
        });
    }

    private static Optional<Memory> find(Tx tx, long id) {
        return tx.first("SELECT * FROM memory WHERE id = ?", row -> memory(row, 0), id);
    }

    private static String indexed(String content, List<String> tags) {
        return tags.isEmpty() ? content : content + "\n" + String.join(" ", tags);
    }

    private static Instant freshAt(Row row) {
        return row.isNull("last_hit_at") ? row.instant("created_at") : row.instant("last_hit_at");
    }

    private static Memory memory(Row row, double rank) {
        return new Memory(
                row.number("id"),
                row.text("content"),
                Tags.of(row.text("tags")),
                row.text("source"),
                row.text("tier"),
                Trust.valueOf(row.text("trust").toUpperCase(Locale.ROOT)),
                row.number("score"),
                rank,
                row.instant("created_at"),
                Optional.ofNullable(row.instant("last_hit_at")));
    }

    private static Memory rounded(Memory m) {
        return new Memory(
                m.id(),
                m.content(),
                m.tags(),
                m.source(),
                m.tier(),
                m.trust(),
                m.score(),
                Rank.rounded(m.rank()),
                m.createdAt(),
                m.lastHitAt());
    }
}
