package io.koshi.store.internal;

import io.koshi.store.Tx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How many texts of an FTS5 table have a term; common terms are counted once in a while only. Thread-safe. */
final class TermCounts {
    /** From this many on a count is kept, until the table has grown or shrunk by a tenth. */
    private static final long KEPT_FROM = 500;

    private static final int MOST_KEPT = 4096;

    private final String table;
    private final Map<String, Counted> kept = new ConcurrentHashMap<>();

    TermCounts(String table) {
        this.table = table;
    }

    private record Counted(long count, long total) {
        boolean holds(long now) {
            return Math.abs(now - total) * 10 <= total;
        }
    }

    /** The texts in the table, from FTS5's own "averages record": id 1, which begins with that number as a varint. */
    long total(Tx tx) {
        byte[] averages = tx.first("SELECT block FROM " + table + "_data WHERE id = 1", row -> row.bytes("block"))
                .orElse(new byte[0]);
        long total = 0;
        for (int i = 0; i < Math.min(8, averages.length); i++) {
            total = total << 7 | averages[i] & 0x7F;
            if (averages[i] >= 0) {
                break;
            }
        }
        return total;
    }

    /** Each term with its number of texts; those that none has are left out. */
    Map<String, Long> of(Tx tx, List<String> terms) {
        long total = total(tx);
        Map<String, Long> counts = new LinkedHashMap<>();
        for (String term : terms) {
            long count = count(tx, term, total);
            if (count > 0) {
                counts.put(term, count);
            }
        }
        return counts;
    }

    private long count(Tx tx, String term, long total) {
        Counted known = kept.get(term);
        if (known != null && known.holds(total)) {
            return known.count();
        }
        long count = tx.number("SELECT COUNT(*) FROM " + table + " WHERE " + table + " MATCH ?", term);
        if (count >= KEPT_FROM) {
            if (kept.size() >= MOST_KEPT) {
                kept.clear();
            }
            kept.put(term, new Counted(count, total));
        }
        return count;
    }
}
