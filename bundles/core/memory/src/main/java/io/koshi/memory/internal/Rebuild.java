package io.koshi.memory.internal;

import io.koshi.memory.internal.Fold.Row;
import io.koshi.memory.internal.MemoryLog.Change;
import io.koshi.rpc.Doc;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the tables what the log says, and the text indexes what the tables say; a page a commit, so that the rest goes
 * on meanwhile and a kill leaves nothing half done. A memory that the log does not know stays. Thread-safe.
 */
final class Rebuild {
    private static final int PAGE = 200;

    /** So many memories are named; all are counted. */
    private static final int NAMED = 100;

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

    /** What can be wrong with a memory. */
    enum Fault {
        MISSING,
        DIFFERENT,
        SURPLUS,
        UNMENDED,
        UNINDEXED
    }

    /** A memory that was not as the log says. */
    record Wrong(
            @Doc("Its number.") long id,

            @Doc("missing, different, surplus, unmended or unindexed.")
            Fault fault,

            @Doc("What its row said otherwise, such as content, tags or score.")
            List<String> fields) {}

    /** What was found, and mended unless it was only looked for. */
    record Found(
            @Doc("How many memories the log knows, those in the archive included.")
            long logged,

            @Doc("How many of them had no row.") long missing,

            @Doc("How many had a row that says something else.")
            long different,

            @Doc("How many were forgotten, and had a row still.")
            long surplus,

            @Doc("How many could not be made anew, since another memory says the same.")
            long unmended,

            @Doc("Memories that a search by words did not know, or knew by other words or without being there.")
            long unindexed,

            @Doc("The first hundred of them.") List<Wrong> wrong,

            @Doc("Whether it was mended.") boolean mended) {
        boolean sound() {
            return missing + different + surplus + unmended + unindexed == 0;
        }
    }

    /** What was counted so far. Confined to one look. */
    private static final class Sum {
        private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
        private final List<Wrong> wrong = new ArrayList<>();
        private long logged;

        void add(Fault fault, long id, List<String> fields) {
            faults.merge(fault, 1L, Long::sum);
            if (wrong.size() < NAMED) {
                wrong.add(new Wrong(id, fault, fields));
            }
        }

        long of(Fault fault) {
            return faults.getOrDefault(fault, 0L);
        }
    }

    /** @param mend false only looks */
    Found run(boolean mend) {
        Sum sum = new Sum();
        long apart = texts.difference() + archived.difference();
        long last = 0;
        while (last >= 0) {
            long after = last;
            // a work may run twice: what it found counts once it is through
            Sum page = new Sum();
            last = mend
                    ? store.writeNow(tx -> page(tx, after, true, clean(page)))
                    : store.read(tx -> page(tx, after, false, clean(page)));
            sum.logged += page.logged;
            page.faults.forEach((fault, count) -> sum.faults.merge(fault, count, Long::sum));
            page.wrong.stream().limit(NAMED - sum.wrong.size()).forEach(sum.wrong::add);
        }
        if (mend) { // whatever they know
            texts.anew();
            archived.anew();
        } else {
            Stream.concat(texts.unknown(NAMED).stream(), archived.unknown(NAMED).stream())
                    .forEach(id -> sum.add(Fault.UNINDEXED, id, List.of()));
        }
        return new Found(
                sum.logged,
                sum.of(Fault.MISSING),
                sum.of(Fault.DIFFERENT),
                sum.of(Fault.SURPLUS),
                sum.of(Fault.UNMENDED),
                Math.max(apart, sum.of(Fault.UNINDEXED)),
                List.copyOf(sum.wrong),
                mend);
    }

    private static Sum clean(Sum page) {
        page.faults.clear();
        page.wrong.clear();
        page.logged = 0;
        return page;
    }

    /** The last memory it looked at, -1 when there are no more. */
    private long page(Tx tx, long after, boolean mend, Sum sum) {
        TreeMap<Long, List<Change>> entries = log.memories(tx, after, PAGE).stream()
                .collect(Collectors.groupingBy(Change::memory, TreeMap::new, Collectors.toList()));
        entries.forEach((id, changes) -> one(tx, id, changes, mend, sum));
        return entries.isEmpty() ? -1 : entries.lastKey();
    }

    private void one(Tx tx, long id, List<Change> changes, boolean mend, Sum sum) {
        Optional<Row> said = fold.of(changes);
        Optional<Kept> live = MemoryTable.find(tx, id);
        Optional<Kept> held = live.or(() -> MemoryTable.findArchived(tx, id));
        if (said.isEmpty()) {
            boolean forgotten = changes.get(changes.size() - 1).kind() == MemoryLog.Kind.FORGOTTEN;
            if (forgotten && held.isPresent()) {
                sum.add(Fault.SURPLUS, id, List.of());
                if (mend) {
                    table.discard(tx, id);
                }
            }
            return;
        }
        sum.logged++;
        List<String> fields =
                held.map(row -> said.get().differs(row, live.isEmpty())).orElse(List.of());
        if (held.isPresent() && fields.isEmpty()) {
            return;
        }
        if (mend && !table.restate(tx, said.get())) {
            sum.add(Fault.UNMENDED, id, fields);
        } else {
            sum.add(held.isEmpty() ? Fault.MISSING : Fault.DIFFERENT, id, fields);
        }
    }
}
