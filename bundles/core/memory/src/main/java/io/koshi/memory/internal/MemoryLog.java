package io.koshi.memory.internal;

import io.koshi.codec.Codec;
import io.koshi.store.Row;
import io.koshi.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Every change of every memory, in order: what the tables hold is what these say, one after another. Nothing is taken
 * out of it; forgetting alone blanks what earlier entries said. Thread-safe.
 */
final class MemoryLog {
    /** What happened to a memory. */
    enum Kind {
        STORED,
        REINFORCED,
        DEMOTED,
        UPDATED,
        SETTLED,
        ARCHIVED,
        RESTORED,
        FORGOTTEN;

        static Kind of(String word) {
            return valueOf(word.toUpperCase(java.util.Locale.ROOT));
        }
    }

    /** One entry; {@code detail} has what changed, empty once it was forgotten. */
    record Change(long id, long memory, Kind kind, Map<String, Object> detail, Instant at) {}

    private final Codec codec;

    MemoryLog(Codec codec) {
        this.codec = codec;
    }

    void append(Tx tx, long memory, Kind kind, Map<String, Object> detail, Instant at) {
        String json = detail.isEmpty() ? null : new String(codec.json(detail), StandardCharsets.UTF_8);
        tx.update("INSERT INTO memory_event (memory, kind, detail, at) VALUES (?, ?, ?, ?)", memory, kind, json, at);
    }

    /** Blanks what the log says of a memory. */
    void blank(Tx tx, long memory) {
        tx.update("UPDATE memory_event SET detail = NULL WHERE memory = ? AND detail IS NOT NULL", memory);
    }

    /** What happened to one memory, the newest last. */
    List<Change> of(Tx tx, long memory, int newest) {
        return tx.query(
                "SELECT * FROM (SELECT * FROM memory_event WHERE memory = ? ORDER BY id DESC LIMIT ?) ORDER BY id",
                this::change,
                memory,
                newest);
    }

    /** The entries after one, the oldest first. */
    List<Change> after(Tx tx, long id, int limit) {
        return tx.query("SELECT * FROM memory_event WHERE id > ? ORDER BY id LIMIT ?", this::change, id, limit);
    }

    /** All entries of so many memories whose numbers come next, the oldest of each first. */
    List<Change> memories(Tx tx, long after, int most) {
        return tx.query(
                "SELECT * FROM memory_event WHERE memory IN (SELECT DISTINCT memory FROM memory_event WHERE memory > ?"
                        + " ORDER BY memory LIMIT ?) ORDER BY memory, id",
                this::change,
                after,
                most);
    }

    /** Whether there is or was a memory of this number. */
    boolean knows(Tx tx, long memory) {
        return tx.number("SELECT EXISTS (SELECT 1 FROM memory_event WHERE memory = ?)", memory) > 0
                || MemoryTable.find(tx, memory).isPresent()
                || MemoryTable.findArchived(tx, memory).isPresent();
    }

    static long newest(Tx tx) {
        return tx.number("SELECT MAX(id) FROM memory_event");
    }

    @SuppressWarnings("unchecked")
    private Change change(Row row) {
        String json = row.text("detail");
        Map<String, Object> detail =
                json == null ? Map.of() : (Map<String, Object>) codec.parseJson(json.getBytes(StandardCharsets.UTF_8));
        return new Change(row.number("id"), row.number("memory"), Kind.of(row.text("kind")), detail, row.instant("at"));
    }
}
