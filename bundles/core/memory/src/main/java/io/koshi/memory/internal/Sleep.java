package io.koshi.memory.internal;

import io.koshi.memory.Memories.Tier;
import io.koshi.rpc.Doc;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Distils what was remembered since the last time: what proved true becomes semantic, what proved true and useful is
 * proposed to the core. It reads the log from where it was; a page of memories is one commit. Thread-safe.
 */
final class Sleep {
    static final double TO_CORE = 0.75;
    static final double SURE_ENOUGH_FOR_CORE = 0.6;
    static final double SURE_ENOUGH = 0.7;
    private static final int PAGE = 200;

    private final Store store;
    private final MemoryTable table;
    private final CoreMemory core;
    private final AtomicBoolean asleep = new AtomicBoolean();

    Sleep(Store store, MemoryTable table, CoreMemory core) {
        this.store = store;
        this.table = table;
        this.core = core;
    }

    /** What a sleep did. */
    record Dream(
            @Doc("How many memories it looked at.") long looked,
            @Doc("How many became semantic.") long semantic,
            @Doc("How many became core.") long core,

            @Doc("How many wait for a person to let them into the core.")
            long quarantined) {
        static final Dream NONE = new Dream(0, 0, 0, 0);

        Dream plus(Dream other) {
            return new Dream(
                    looked + other.looked,
                    semantic + other.semantic,
                    core + other.core,
                    quarantined + other.quarantined);
        }
    }

    /** A page and where the next begins; -1 when there is none. */
    private record Page(Dream dream, long next) {}

    /**
     * Sleeps, for so long at most; what is left over is for the next time. Does nothing while another sleep is under
     * way.
     */
    Dream run(Duration limit) {
        if (!asleep.compareAndSet(false, true)) {
            return Dream.NONE;
        }
        try {
            long deadline = System.nanoTime() + limit.toNanos();
            Dream all = Dream.NONE;
            long end = store.read(MemoryLog::newest);
            long from = store.read(tx -> tx.number("SELECT MAX(event) FROM memory_sleep"));
            while (from >= 0 && from < end && System.nanoTime() < deadline) {
                long begin = from;
                Page page = store.writeNow(tx -> page(tx, begin, end));
                all = all.plus(page.dream());
                from = page.next();
            }
            return all;
        } finally {
            asleep.set(false);
        }
    }

    private Page page(Tx tx, long from, long end) {
        List<Long> entries = tx.query(
                "SELECT id FROM memory_event WHERE id > ? AND id <= ? ORDER BY id LIMIT ?",
                row -> row.number("id"),
                from,
                end,
                PAGE);
        if (entries.isEmpty()) {
            return new Page(Dream.NONE, -1);
        }
        long to = entries.get(entries.size() - 1);
        Instant now = Instant.now();
        Dream dream = Dream.NONE;
        for (Kept kept : tx.query(
                "SELECT * FROM memory WHERE id IN (SELECT memory FROM memory_event WHERE id > ? AND id <= ?"
                        + " AND kind <> 'settled') ORDER BY id",
                Kept::of,
                from,
                to)) {
            dream = dream.plus(distil(tx, kept, now));
        }
        if (dream.looked() > 0) {
            tx.insert(
                    "INSERT INTO memory_sleep (event, looked, semantic, core, quarantined, at) VALUES (?, ?, ?, ?, ?, ?)",
                    to,
                    dream.looked(),
                    dream.semantic(),
                    dream.core(),
                    dream.quarantined(),
                    now);
        }
        return new Page(dream, to);
    }

    private Dream distil(Tx tx, Kept kept, Instant now) {
        if (kept.tier() != Tier.CORE
                && kept.confidence() >= SURE_ENOUGH_FOR_CORE
                && Retention.of(kept, now).aggregate() >= TO_CORE) {
            CoreMemory.Verdict verdict = core.propose(tx, kept);
            if (verdict == CoreMemory.Verdict.ADMITTED) {
                return new Dream(1, 0, 1, 0);
            }
            long waits = verdict == CoreMemory.Verdict.QUARANTINED ? 1 : 0;
            return new Dream(1, settled(tx, kept), 0, waits);
        }
        return new Dream(1, settled(tx, kept), 0, 0);
    }

    private long settled(Tx tx, Kept kept) {
        if (kept.tier() != Tier.EPISODIC || kept.confidence() < SURE_ENOUGH) {
            return 0;
        }
        table.settle(tx, kept, Tier.SEMANTIC);
        return 1;
    }

    /** When it last slept with something to dream of. */
    Optional<Instant> last() {
        return store.read(tx -> tx.first("SELECT at FROM memory_sleep ORDER BY id DESC", row -> row.instant("at")));
    }
}
