package io.koshi.memory.internal;

import io.koshi.memory.internal.Fold.Row;
import io.koshi.memory.internal.MemoryLog.Change;
import io.koshi.rpc.Doc;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Makes the tables what the log says, and the text indexes what the tables say; a page a commit, so that the rest goes
 * on meanwhile and a kill leaves nothing half done. A memory that the log does not know stays. Thread-safe.
 */
final class Rebuild {
    private static final int PAGE = 200;

    private final Store store;
    private final MemoryLog log;
    private final MemoryTable table;
    private final Fold fold;
    private final Reindex texts;
    private final Reindex archived;

    Rebuild(Store store, MemoryLog log, MemoryTable table, Fold fold, Reindex texts, Reindex archived) {
        this.store = store;
        this.log = log;
        this.table = table;
        this.fold = fold;
        this.texts = texts;
        this.archived = archived;
    }

    /** What was found, and mended unless it was only looked for. */
    record Found(
            @Doc("How many memories the log knows, those in the archive included.")
            long logged,

            @Doc("How many of them had no row.") long missing,
            @Doc("How many had a row that says something else.") long different,
            @Doc("How many were forgotten, and had a row still.") long surplus,

            @Doc("How many could not be made anew, since another memory says the same.")
            long unmended,

            @Doc("Memories that a search by words did not know, or knew without being there.")
            long unindexed,

            @Doc("Whether it was mended.") boolean mended) {
        boolean sound() {
            return missing + different + surplus + unmended + unindexed == 0;
        }
    }

    /** How many of a page of memories were so. */
    private record Page(long last, long logged, long missing, long different, long surplus, long unmended) {
        Page plus(Page next) {
            return new Page(
                    next.last,
                    logged + next.logged,
                    missing + next.missing,
                    different + next.different,
                    surplus + next.surplus,
                    unmended + next.unmended);
        }
    }

    /** @param mend false only looks */
    Found run(boolean mend) {
        long unindexed = texts.difference() + archived.difference();
        Page sum = new Page(0, 0, 0, 0, 0, 0);
        while (sum.last() >= 0) {
            long after = sum.last();
            sum = sum.plus(mend ? store.writeNow(tx -> page(tx, after, true)) : store.read(tx -> page(tx, after, false)));
        }
        if (mend) {
            texts.anew();
            archived.anew();
        }
        return new Found(
                sum.logged(), sum.missing(), sum.different(), sum.surplus(), sum.unmended(), unindexed, mend);
    }

    private Page page(Tx tx, long after, boolean mend) {
        TreeMap<Long, List<Change>> entries = log.memories(tx, after, PAGE).stream()
                .collect(Collectors.groupingBy(Change::memory, TreeMap::new, Collectors.toList()));
        Page page = new Page(entries.isEmpty() ? -1 : entries.lastKey(), 0, 0, 0, 0, 0);
        for (Map.Entry<Long, List<Change>> memory : entries.entrySet()) {
            page = page.plus(one(tx, page.last(), memory.getKey(), memory.getValue(), mend));
        }
        return page;
    }

    private Page one(Tx tx, long last, long id, List<Change> changes, boolean mend) {
        Optional<Row> said = fold.of(changes);
        Optional<Kept> live = MemoryTable.find(tx, id);
        Optional<Kept> held = live.or(() -> MemoryTable.findArchived(tx, id));
        if (said.isEmpty()) {
            boolean forgotten = changes.get(changes.size() - 1).kind() == MemoryLog.Kind.FORGOTTEN;
            if (!forgotten || held.isEmpty()) {
                return new Page(last, 0, 0, 0, 0, 0);
            }
            if (mend) {
                table.discard(tx, id);
            }
            return new Page(last, 0, 0, 0, 1, 0);
        }
        if (held.isPresent() && said.get().agrees(held.get(), live.isEmpty())) {
            return new Page(last, 1, 0, 0, 0, 0);
        }
        if (mend && !table.restate(tx, said.get())) {
            return new Page(last, 1, 0, 0, 0, 1);
        }
        return held.isEmpty() ? new Page(last, 1, 1, 0, 0, 0) : new Page(last, 1, 0, 1, 0, 0);
    }
}
