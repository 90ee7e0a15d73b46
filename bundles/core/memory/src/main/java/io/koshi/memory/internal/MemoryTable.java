package io.koshi.memory.internal;

import io.koshi.memory.Memories.Tier;
import io.koshi.memory.internal.MemoryLog.Kind;
import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Memories as rows: each change is in the row, the text index and the log in one commit. Thread-safe. */
final class MemoryTable {
    private static final String COLUMNS = "id, content, sameness, tags, source, tier, trust, score, session,"
            + " narrative_id, task_id, created_at, last_hit_at, confidence";

    private final MemoryLog log;
    private final TextIndex texts;
    private final TextIndex archived;

    MemoryTable(MemoryLog log, TextIndex texts, TextIndex archived) {
        this.log = log;
        this.texts = texts;
        this.archived = archived;
    }

    static Optional<Kept> find(Tx tx, long id) {
        return tx.first("SELECT * FROM memory WHERE id = ?", Kept::of, id);
    }

    static Optional<Kept> findArchived(Tx tx, long id) {
        return tx.first("SELECT * FROM memory_archive WHERE id = ?", Kept::of, id);
    }

    /** The memory that says this; one from the archive comes back from there. */
    Optional<Kept> same(Tx tx, String sameness) {
        Optional<Kept> known = tx.first("SELECT * FROM memory WHERE sameness = ?", Kept::of, sameness);
        if (known.isPresent()) {
            return known;
        }
        Optional<Kept> resting = tx.first("SELECT * FROM memory_archive WHERE sameness = ?", Kept::of, sameness);
        resting.ifPresent(kept -> restore(tx, kept));
        return resting;
    }

    /** A memory to be changed; one from the archive comes back from there. */
    Optional<Kept> wake(Tx tx, long id) {
        Optional<Kept> known = find(tx, id);
        if (known.isPresent()) {
            return known;
        }
        Optional<Kept> resting = findArchived(tx, id);
        resting.ifPresent(kept -> restore(tx, kept));
        return resting;
    }

    /** @param kept its id is taken where it is above 0 and nobody had it, else it gets another */
    long insert(Tx tx, Kept kept) {
        Optional<Long> own = Optional.of(kept.id()).filter(id -> id > 0 && !log.knows(tx, id));
        long id = write(tx, "memory", own, kept);
        texts.put(tx, id, indexed(kept.content(), kept.tags()));
        log.append(tx, id, Kind.STORED, kept.data(), Instant.now());
        return id;
    }

    /** Adds to the score of a memory; a good word is also a hit and makes it surer. */
    void weigh(Tx tx, Kept kept, long by, boolean reinforced) {
        Instant now = Instant.now();
        long score = Rank.bounded(kept.score() + by);
        double confidence = Confidence.after(kept.confidence(), reinforced);
        Optional<Instant> hitAt = reinforced ? Optional.of(now) : kept.lastHitAt();
        tx.update(
                "UPDATE memory SET score = ?, confidence = ?, last_hit_at = ? WHERE id = ?",
                score,
                confidence,
                hitAt,
                kept.id());
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("score", score);
        detail.put("confidence", Rank.rounded(confidence));
        log.append(tx, kept.id(), reinforced ? Kind.REINFORCED : Kind.DEMOTED, detail, now);
    }

    void rewrite(Tx tx, long id, String content, List<String> tags) {
        Instant now = Instant.now();
        tx.update(
                "UPDATE memory SET content = ?, sameness = ?, tags = ?, last_hit_at = ?, embedded = 0 WHERE id = ?",
                content,
                Words.sameness(content),
                Tags.text(tags),
                now,
                id);
        texts.put(tx, id, indexed(content, tags));
        log.append(tx, id, Kind.UPDATED, Map.of("content", content, "tags", tags), now);
    }

    /** Moves a memory to another tier, or to the word of someone trusted more. */
    void settle(Tx tx, Kept kept, Tier tier) {
        tx.update("UPDATE memory SET tier = ?, trust = ? WHERE id = ?", tier, kept.trust(), kept.id());
        log.append(
                tx,
                kept.id(),
                Kind.SETTLED,
                Map.of("tier", tier.word(), "trust", kept.trust().name().toLowerCase(java.util.Locale.ROOT)),
                Instant.now());
    }

    /** Sets a memory aside, where it is found only after the others. */
    void archive(Tx tx, Kept kept) {
        tx.update(
                "INSERT INTO memory_archive (" + COLUMNS + ") SELECT " + COLUMNS + " FROM memory WHERE id = ?",
                kept.id());
        tx.update("DELETE FROM memory WHERE id = ?", kept.id());
        tx.update("DELETE FROM memory_vector WHERE memory = ?", kept.id());
        texts.remove(tx, kept.id());
        archived.put(tx, kept.id(), indexed(kept.content(), kept.tags()));
        log.append(tx, kept.id(), Kind.ARCHIVED, Map.of(), Instant.now());
    }

    private void restore(Tx tx, Kept kept) {
        tx.update(
                "INSERT INTO memory (" + COLUMNS + ") SELECT " + COLUMNS + " FROM memory_archive WHERE id = ?",
                kept.id());
        tx.update("DELETE FROM memory_archive WHERE id = ?", kept.id());
        archived.remove(tx, kept.id());
        texts.put(tx, kept.id(), indexed(kept.content(), kept.tags()));
        log.append(tx, kept.id(), Kind.RESTORED, Map.of(), Instant.now());
    }

    /** Takes a memory away for good, also out of the archive and the log; false when there was none. */
    boolean forget(Tx tx, long id) {
        int rows = tx.update("DELETE FROM memory WHERE id = ?", id);
        if (rows > 0) {
            texts.remove(tx, id);
            tx.update("DELETE FROM memory_vector WHERE memory = ?", id);
        } else if ((rows = tx.update("DELETE FROM memory_archive WHERE id = ?", id)) > 0) {
            archived.remove(tx, id);
        }
        if (rows > 0) {
            tx.update("DELETE FROM memory_quarantine WHERE memory = ?", id);
            log.blank(tx, id);
            log.append(tx, id, Kind.FORGOTTEN, Map.of(), Instant.now());
        }
        return rows > 0;
    }

    /** Takes a row away that the log says was forgotten. */
    void discard(Tx tx, long id) {
        tx.update("DELETE FROM memory WHERE id = ?", id);
        tx.update("DELETE FROM memory_archive WHERE id = ?", id);
        tx.update("DELETE FROM memory_vector WHERE memory = ?", id);
    }

    /** Makes a row what the log says of it, without another entry; false when another memory says the same. */
    boolean restate(Tx tx, Fold.Row said) {
        Kept kept = said.kept();
        String sameness = Words.sameness(kept.content());
        long twin = tx.number(
                "SELECT COUNT(*) FROM (SELECT id FROM memory WHERE sameness = ? UNION ALL SELECT id FROM memory_archive"
                        + " WHERE sameness = ?) WHERE id <> ?",
                sameness,
                sameness,
                kept.id());
        if (twin > 0) {
            return false;
        }
        discard(tx, kept.id());
        write(tx, said.archived() ? "memory_archive" : "memory", Optional.of(kept.id()), kept);
        return true;
    }

    /** @param id empty for the next that is free */
    private static long write(Tx tx, String table, Optional<Long> id, Kept kept) {
        return tx.insert(
                "INSERT INTO " + table + " (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                id,
                kept.content(),
                Words.sameness(kept.content()),
                Tags.text(kept.tags()),
                kept.source(),
                kept.tier(),
                kept.trust(),
                kept.score(),
                kept.session(),
                kept.narrativeId(),
                kept.taskId(),
                kept.createdAt(),
                kept.lastHitAt(),
                kept.confidence());
    }

    static String indexed(String content, List<String> tags) {
        return tags.isEmpty() ? content : content + "\n" + String.join(" ", tags);
    }
}
