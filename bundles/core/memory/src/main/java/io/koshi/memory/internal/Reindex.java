package io.koshi.memory.internal;

import io.koshi.api.KoshiException;
import io.koshi.store.Store;
import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a text index anew from the memories it is derived from, a page a commit. Thread-safe. */
final class Reindex {
    private static final Logger LOG = LoggerFactory.getLogger(Reindex.class);
    private static final int PAGE = 500;

    private final Store store;
    private final String table;
    private final TextIndex texts;

    /** @param table whose texts are indexed: memory or memory_archive */
    Reindex(Store store, String table, TextIndex texts) {
        this.store = store;
        this.table = table;
        this.texts = texts;
    }

    /** How many more, or fewer, texts the index can find than there are. */
    long difference() {
        long apart = store.read(tx -> tx.number("SELECT COUNT(*) FROM " + table) - texts.count(tx));
        return Math.abs(apart);
    }

    /** Those whose words the index does not have, at least so many where there are more than a page. */
    List<Long> unknown(int most) {
        List<Long> unknown = new ArrayList<>();
        long after = 0;
        while (after >= 0 && unknown.size() < most) {
            long from = after;
            after = store.read(tx -> {
                List<Kept> page = rows(tx, from);
                page.stream().filter(kept -> !knows(tx, kept)).forEach(kept -> unknown.add(kept.id()));
                return page.isEmpty() ? -1 : page.get(page.size() - 1).id();
            });
        }
        return unknown;
    }

    /** Does nothing where the index knows as many as there are. */
    long repair() {
        long missing = difference();
        if (missing == 0) {
            return 0;
        }
        LOG.warn("the text index of {} and the memories differ by {}; it is made anew", table, missing);
        return anew();
    }

    /** How many texts it was made of. */
    long anew() {
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

    private boolean knows(Tx tx, Kept kept) {
        try {
            return texts.knows(tx, kept.id(), MemoryTable.indexed(kept.content(), kept.tags()));
        } catch (KoshiException damaged) {
            return false;
        }
    }

    private List<Kept> rows(Tx tx, long after) {
        return tx.query("SELECT * FROM " + table + " WHERE id > ? ORDER BY id LIMIT ?", Kept::of, after, PAGE);
    }

    private List<Long> page(Tx tx, long after) {
        List<Kept> page = rows(tx, after);
        page.forEach(kept -> texts.put(tx, kept.id(), MemoryTable.indexed(kept.content(), kept.tags())));
        return page.stream().map(Kept::id).toList();
    }
}
