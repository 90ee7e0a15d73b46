package io.koshi.memory.internal;

import io.koshi.store.Store;
import io.koshi.store.TextIndex;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts memories. */
final class MemoryFigures {
    private MemoryFigures() {}

    static MemoryEvents.Stats of(Store store, TextIndex texts, TextIndex archived) {
        return store.read(tx -> {
            Map<String, Long> tiers = new LinkedHashMap<>();
            tx.query("SELECT tier, COUNT(*) AS n FROM memory GROUP BY tier ORDER BY tier", row -> {
                tiers.put(row.text("tier"), row.number("n"));
                return row.text("tier");
            });
            return new MemoryEvents.Stats(
                    tiers.values().stream().mapToLong(Long::longValue).sum(),
                    tiers.getOrDefault("core", 0L),
                    texts.count(tx),
                    tx.number("SELECT COUNT(*) FROM memory_vector"),
                    tx.number("SELECT COUNT(*) FROM memory_archive"),
                    archived.count(tx),
                    tx.number("SELECT COUNT(*) FROM memory_quarantine WHERE state = 'waiting'"),
                    tiers,
                    tx.number("SELECT COUNT(*) FROM security_event"),
                    tx.first("SELECT at FROM memory_sleep ORDER BY id DESC", row -> row.instant("at")));
        });
    }
}
