package io.koshi.memory.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.memory.Memories.Note;
import io.koshi.memory.Memories.Tier;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the hub always knows. A memory gets in when nothing there speaks against it; one that is doubtful waits in
 * quarantine for a person. Thread-safe.
 */
final class CoreMemory {
    /** More would be no core; each is part of every prompt. */
    static final int MOST = 64;

    /** A core memory is a sentence, not a document. */
    static final int LONGEST = 500;

    private final MemoryTable table;
    private final Settings settings;
    private final Events events;

    CoreMemory(MemoryTable table, Settings settings, Events events) {
        this.table = table;
        this.settings = settings;
        this.events = events;
    }

    /** A memory that waits for a person. */
    record Waiting(Kept memory, String reason, Optional<Long> against, Instant at) {}

    /** What became of a memory that was proposed. */
    enum Verdict {
        ADMITTED,
        QUARANTINED,
        /** A person has said no before. */
        REFUSED
    }

    /** Core memories, the oldest first. */
    static List<Kept> all(Tx tx) {
        return tx.query("SELECT * FROM memory WHERE tier = 'core' ORDER BY id", Kept::of);
    }

    static List<Waiting> waiting(Tx tx) {
        return tx.query(
                "SELECT m.*, q.reason, q.against, q.at AS since FROM memory_quarantine q JOIN memory m ON m.id = q.memory"
                        + " WHERE q.state = 'waiting' ORDER BY q.at LIMIT 1000",
                row -> new Waiting(
                        Kept.of(row),
                        row.text("reason"),
                        row.isNull("against") ? Optional.empty() : Optional.of(row.number("against")),
                        row.instant("since")));
    }

    /** Lets a memory in, or has it wait where there is doubt. */
    Verdict propose(Tx tx, Kept kept) {
        Optional<String> before =
                tx.first("SELECT state FROM memory_quarantine WHERE memory = ?", row -> row.text("state"), kept.id());
        if (before.isPresent()) {
            return before.get().equals("rejected") ? Verdict.REFUSED : Verdict.QUARANTINED;
        }
        List<Kept> core = new ArrayList<>(seeds());
        core.addAll(all(tx));
        Optional<Consistency.Conflict> conflict = doubt(kept, core);
        if (conflict.isEmpty()) {
            table.settle(tx, kept, Tier.CORE);
            return Verdict.ADMITTED;
        }
        Optional<Long> against = conflict.map(Consistency.Conflict::against).filter(id -> id > 0);
        String reason = conflict.get().reason();
        tx.update(
                "INSERT INTO memory_quarantine (memory, reason, against, state, at) VALUES (?, ?, ?, 'waiting', ?)",
                kept.id(),
                reason,
                against,
                Instant.now());
        tx.afterCommit(() -> events.publish(
                "memory", "memory.quarantined", new MemoryEvents.Quarantined(kept.id(), reason, against)));
        return Verdict.QUARANTINED;
    }

    private Optional<Consistency.Conflict> doubt(Kept kept, List<Kept> core) {
        if (kept.trust() == Trust.LOW) {
            return doubt("it comes from someone nobody vouches for");
        }
        if (kept.content().length() > LONGEST) {
            return doubt("it is longer than " + LONGEST + " characters");
        }
        if (core.size() > MOST) {
            return doubt("there are " + MOST + " core memories already");
        }
        Optional<Consistency.Conflict> conflict = Consistency.conflict(kept.content(), core);
        return conflict.isEmpty() && settings.config().memory().coreApproval()
                ? doubt("memory.coreApproval asks a person for each")
                : conflict;
    }

    private static Optional<Consistency.Conflict> doubt(String reason) {
        return Optional.of(new Consistency.Conflict(reason, 0));
    }

    /** A person lets a memory in; what it goes against leaves the core. */
    void approve(Tx tx, long id) {
        Kept kept = table.wake(tx, id).orElseThrow(() -> KoshiException.notFound("there is no memory " + id));
        long against = tx.number("SELECT against FROM memory_quarantine WHERE memory = ?", id);
        MemoryTable.find(tx, against)
                .filter(other -> other.tier() == Tier.CORE)
                .ifPresent(other -> table.settle(tx, other, Tier.SEMANTIC));
        tx.update("DELETE FROM memory_quarantine WHERE memory = ?", id);
        table.settle(tx, kept, Tier.CORE);
    }

    /** A person keeps a memory out of the core, for as long as there is that memory. */
    void reject(Tx tx, long id) {
        Kept kept = MemoryTable.find(tx, id).orElseThrow(() -> KoshiException.notFound("there is no memory " + id));
        tx.update(
                "INSERT INTO memory_quarantine (memory, reason, state, at) VALUES (?, 'a person said no', 'rejected', ?)"
                        + " ON CONFLICT (memory) DO UPDATE SET state = 'rejected'",
                id,
                Instant.now());
        if (kept.tier() == Tier.CORE) {
            table.settle(tx, kept, Tier.SEMANTIC);
        }
    }

    /** What the core begins with: what the configuration says of the hub, always as it says it now. */
    List<Kept> seeds() {
        Config config = settings.config();
        return Stream.of(
                        "The hub's name is " + config.name() + ".",
                        config.identity().soul().strip())
                .filter(content -> !content.isEmpty())
                .map(content -> seed(content, settings.origin().loadedAt()))
                .toList();
    }

    private static Kept seed(String content, Instant at) {
        return Notes.fresh(content, Note.of(content, List.of(), "config", Trust.HIGH))
                .in(Tier.CORE)
                .at(at);
    }
}
