package io.koshi.buffer.internal;

import io.koshi.api.ErrorCode;
import io.koshi.store.Tx;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;

/** What became of entries, a narrow row each; a list of them is one statement. Thread-safe. */
final class States {
    private final Clock clock;
    private final LongFunction<Instant> batchedAt;

    /** @param batchedAt when the batch that holds an entry was made, null where none does */
    States(Clock clock, LongFunction<Instant> batchedAt) {
        this.clock = clock;
        this.batchedAt = batchedAt;
    }

    void routed(Tx tx, List<Long> entries, String rule) {
        put(tx, entries, "routed", rule, null, false);
    }

    void done(Tx tx, List<Long> entries, Optional<String> rule) {
        put(tx, entries, "done", rule.orElse(null), null, true);
    }

    void dropped(Tx tx, List<Long> entries, String rule, String reason) {
        put(tx, entries, "dropped", rule, reason, true);
    }

    private void put(Tx tx, List<Long> entries, String state, String rule, String reason, boolean ended) {
        if (entries.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        tx.update(
                "INSERT INTO buffer_state (entry, state, batched_at, routed_at, ended_at, rule, reason)"
                        + " SELECT value, ?, ?, ?, ?, ?, ? FROM json_each(?) WHERE true"
                        + " ON CONFLICT (entry) DO UPDATE SET state = excluded.state,"
                        + " batched_at = coalesce(excluded.batched_at, batched_at),"
                        + " routed_at = coalesce(routed_at, excluded.routed_at), ended_at = excluded.ended_at,"
                        + " rule = coalesce(excluded.rule, rule), reason = excluded.reason, stage = NULL, code = NULL"
                        + " WHERE state NOT IN ('done', 'dropped')",
                state,
                batchedAt.apply(entries.get(0)),
                now,
                ended ? now : null,
                rule,
                reason,
                Entries.json(entries));
    }

    /** The entry of a message's id; empty when it is not kept. */
    static Optional<Long> entryOf(Tx tx, String id) {
        return tx.first("SELECT entry FROM buffer_message WHERE id = ?", row -> row.number("entry"), id);
    }

    /** Makes a dead letter of an entry; false when it was one or is done. */
    boolean dead(Tx tx, long entry, String stage, ErrorCode code, String message, int attempts) {
        Instant now = clock.instant();
        return tx.update(
                        "INSERT INTO buffer_state (entry, state, attempts, batched_at, ended_at, reason, stage, code)"
                                + " VALUES (?, 'dead', ?, ?, ?, ?, ?, ?) ON CONFLICT (entry) DO UPDATE SET"
                                + " state = 'dead', attempts = attempts + excluded.attempts,"
                                + " ended_at = excluded.ended_at, reason = excluded.reason, stage = excluded.stage,"
                                + " code = excluded.code WHERE state NOT IN ('done', 'dropped', 'dead')",
                        entry,
                        attempts,
                        batchedAt.apply(entry),
                        now,
                        message,
                        stage,
                        code.name())
                == 1;
    }

    /** Makes a dead letter unrouted again; what it died of stays on record until it is routed. */
    boolean redrive(Tx tx, long entry) {
        return tx.update(
                        "UPDATE buffer_state SET state = 'received', routed_at = NULL, ended_at = NULL WHERE entry = ?"
                                + " AND state = 'dead'",
                        entry)
                == 1;
    }
}
