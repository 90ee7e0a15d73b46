package io.koshi.agent.internal;

import io.koshi.api.Trust;
import io.koshi.store.Tx;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Has a message that comes while its session's run goes on take part in that run: its turn stays queued on disk, is put
 * into the running exchange, and ends in the same commit. Thread-safe.
 */
record Joining(TurnRows rows) {
    /** Puts what waits behind a running turn into its exchange, in order; the turns end with it. */
    List<StoredTurn> join(Tx tx, StoredTurn host) {
        tx.update(
                "UPDATE turn SET joined = ? WHERE session = ? AND state = 'queued' AND joined IS NULL AND n > ?"
                        + " AND kind = 'main' AND task_id IS NULL AND model IS NULL AND prompt NOT LIKE '/%'"
                        + " AND instr(?, trust) > 0"
                        + " AND EXISTS (SELECT 1 FROM turn h WHERE h.n = ? AND h.state = 'running')",
                host.n(),
                host.turn().sessionKey(),
                host.n(),
                trusted(host.turn().trust()),
                host.n());
        return joined(tx, host);
    }

    /** Who may speak in an exchange without lowering whom it may trust. */
    private static String trusted(Trust host) {
        return Arrays.stream(Trust.values())
                .filter(trust -> trust.compareTo(host) <= 0)
                .map(trust -> trust.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(" "));
    }

    /** The turns in a running turn's exchange. */
    List<StoredTurn> joined(Tx tx, StoredTurn host) {
        return tx
                .query(
                        "SELECT t.* FROM turn t WHERE t.joined = ? AND t.state = 'queued' ORDER BY t.n",
                        rows::stored,
                        host.n())
                .stream()
                .map(turn -> rows.withMessages(tx, turn))
                .toList();
    }

    /** The turns in this one's exchange go back to where they waited. */
    static void part(Tx tx, StoredTurn host) {
        tx.update("UPDATE turn SET joined = NULL WHERE joined = ? AND state = 'queued'", host.n());
    }

    /** After a start no exchange goes on. */
    static void partAll(Tx tx) {
        tx.update("UPDATE turn SET joined = NULL WHERE joined IS NOT NULL AND state = 'queued'");
    }
}
