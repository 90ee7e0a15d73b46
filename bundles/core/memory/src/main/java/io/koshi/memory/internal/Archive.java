package io.koshi.memory.internal;

import io.koshi.config.Config.MemoryBlock;
import io.koshi.config.Settings;
import io.koshi.store.Store;
import java.time.Instant;
import java.util.List;

/**
 * Sets aside what is of least use while the database is larger than it should be. The archive is searched after
 * everything else and nothing in it is ever deleted. Thread-safe.
 */
final class Archive {
    private static final int PAGE = 200;

    /** Least first: {@link Rank} without a query. */
    private static final String LEAST =
            "SELECT id FROM memory WHERE tier <> 'core' ORDER BY exp(score * 0.2) / (1 + max(0, ? -"
                    + " coalesce(last_hit_at, created_at)) / 86400000.0 * 0.01), id LIMIT ?";

    private final Store store;
    private final MemoryTable table;
    private final Settings settings;

    Archive(Store store, MemoryTable table, Settings settings) {
        this.store = store;
        this.table = table;
        this.settings = settings;
    }

    /** Archives what is too much now; how many. */
    int prune() {
        MemoryBlock config = settings.config().memory();
        long count = store.read(tx -> tx.number("SELECT COUNT(*) FROM memory"));
        long over = config.maxEntries().map(most -> Math.max(0, count - most)).orElse(0L);
        if (store.stats().bytes() > config.maxSize().bytes()) {
            over = Math.max(over, Math.max(1, count * config.prunePercent() / 100));
        }
        return archive((int) Math.min(over, count));
    }

    private int archive(int most) {
        if (most == 0) {
            return 0;
        }
        List<Long> least = store.read(
                tx -> tx.query(LEAST, row -> row.number("id"), Instant.now().toEpochMilli(), most));
        for (int i = 0; i < least.size(); i += PAGE) {
            List<Long> page = least.subList(i, Math.min(i + PAGE, least.size()));
            store.writeNow(tx -> {
                page.forEach(id -> MemoryTable.find(tx, id).ifPresent(kept -> table.archive(tx, kept)));
                return null;
            });
        }
        return least.size();
    }
}
