package io.koshi.memory.internal;

import io.koshi.store.Store;
import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the text index anew from the memories it is derived from, a page a commit. Thread-safe. */
final class Reindex {
    private static final Logger LOG = LoggerFactory.getLogger(Reindex.class);
    private static final int PAGE = 500;

    private final Store store;
    private final TextIndex texts;

    Reindex(Store store, TextIndex texts) {
        this.store = store;
        this.texts = texts;
    }

    /** Does nothing where the index knows as many as there are. */
    long repair() {
        long missing = store.read(tx -> tx.number("SELECT COUNT(*) FROM memory") - texts.count(tx));
        if (missing == 0) {
            return 0;
        }
        LOG.warn("the text index and the memories differ by {}; it is made anew", missing);
        store.writeNow(tx -> {
            texts.clear(tx);
            return null;
        });
        long done = 0;
        long after = 0;
        while (after >= 0) {
            long from = after;
            List<Long> page = store.writeNow(tx -> page(tx, from));
            done += page.size();
            after = page.isEmpty() ? -1 : page.get(page.size() - 1);
        }
        return done;
    }

    private List<Long> page(Tx tx, long after) {
        List<Kept> page = tx.query("SELECT * FROM memory WHERE id > ? ORDER BY id LIMIT ?", Kept::of, after, PAGE);
        page.forEach(kept -> texts.put(tx, kept.id(), MemoryTable.indexed(kept.content(), kept.tags())));
        return page.stream().map(Kept::id).toList();
    }
}
