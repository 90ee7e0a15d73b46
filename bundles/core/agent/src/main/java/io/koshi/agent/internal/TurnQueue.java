package io.koshi.agent.internal;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Address;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.api.Turn;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.model.Usage;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Turns on disk: which are asked for, which one of a session is on, and how each ended. Thread-safe. */
final class TurnQueue {
    private static final String COLUMNS = "SELECT t.* FROM turn t ";

    private final Store store;
    private final Codec codec;

    TurnQueue(Store store, Codec codec) {
        this.store = store;
        this.codec = codec;
        store.migrate("agent", TurnTables.STEPS);
    }

    /** Adds a turn at the end of its session's queue; returns its run id. */
    String add(Tx tx, Ask ask) {
        String runId = Ulid.next();
        Instant now = Instant.now();
        long n = tx.insert(
                "INSERT INTO turn (run_id, session, channel, conversation, prompt, parts, model, task_id, priority,"
                        + " trust, state, attempt, step, tries, next_at, created_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 1, 0, 1, ?, ?)",
                runId,
                ask.sessionKey(),
                ask.replyTo().map(Address::channel),
                ask.replyTo().map(Address::conversation),
                ask.prompt(),
                ask.parts().isEmpty()
                        ? Optional.empty()
                        : Optional.of(new String(codec.json(new Parts(ask.parts())), StandardCharsets.UTF_8)),
                ask.model(),
                ask.taskId(),
                ask.priority(),
                ask.trust(),
                now,
                now);
        for (int i = 0; i < ask.messageIds().size(); i++) {
            tx.update(
                    "INSERT INTO turn_message (turn, n, message) VALUES (?, ?, ?)",
                    n,
                    i,
                    ask.messageIds().get(i));
        }
        return runId;
    }

    void fence(Tx tx, String runId, long fence) {
        tx.update("UPDATE turn SET task_fence = ? WHERE run_id = ?", fence, runId);
    }

    /** The turn whose turn it is in a session that has none running. */
    record Head(String runId, Optional<String> model, int step, Instant nextAt) {}

    /** The first turn of every session that has none running, the most urgent first. */
    List<Head> heads(int limit) {
        return store.read(tx -> tx.query(
                "SELECT t.run_id, t.model, t.step, t.next_at FROM turn t"
                        + " JOIN (SELECT MIN(n) AS n, SUM(state = 'running') AS busy FROM turn"
                        + " WHERE state IN ('queued', 'running') GROUP BY session) head"
                        + " ON head.n = t.n WHERE head.busy = 0 ORDER BY t.priority, t.n LIMIT ?",
                row -> new Head(
                        row.text("run_id"), row.optional("model"), (int) row.number("step"), row.instant("next_at")),
                limit));
    }

    boolean isQueued(Tx tx, StoredTurn turn) {
        return tx.number("SELECT COUNT(*) FROM turn WHERE n = ? AND state = 'queued'", turn.n()) > 0;
    }

    /** Makes a queued turn the one of its session; false when it is no longer queued. */
    boolean start(Tx tx, StoredTurn turn, String model) {
        return tx.update(
                        "UPDATE turn SET state = 'running', used_model = ?, started_at = COALESCE(started_at, ?)"
                                + " WHERE n = ? AND state = 'queued'",
                        model,
                        Instant.now(),
                        turn.n())
                > 0;
    }

    /** Puts a running turn back in its place, to be taken again as if it had not been. */
    boolean park(Tx tx, StoredTurn turn) {
        return tx.update("UPDATE turn SET state = 'queued' WHERE n = ? AND state = 'running'", turn.n()) > 0;
    }

    /** Puts a running turn back in its place for another attempt. */
    boolean again(Tx tx, StoredTurn turn, Ladder.Again again, Usage used, KoshiException why) {
        boolean put = tx.update(
                        "UPDATE turn SET state = 'queued', attempt = attempt + 1, step = ?, tries = ?, next_at = ?,"
                                + " error_code = ?, error = ?, input_tokens = ?, output_tokens = ?,"
                                + " cache_read_tokens = ?, cache_write_tokens = ? WHERE n = ? AND state = 'running'",
                        again.step(),
                        again.tries(),
                        Instant.now().plus(again.delay()),
                        why.code().name(),
                        why.getMessage(),
                        used.inputTokens(),
                        used.outputTokens(),
                        used.cacheReadTokens(),
                        used.cacheWriteTokens(),
                        turn.n())
                > 0;
        if (put) {
            failure(tx, turn, why);
        }
        return put;
    }

    private static void failure(Tx tx, StoredTurn turn, KoshiException why) {
        tx.update(
                "INSERT INTO turn_failure (turn, attempt, code, error, at) VALUES (?, ?, ?, ?, ?)",
                turn.n(),
                turn.turn().attempt(),
                why.code().name(),
                String.valueOf(why.getMessage()),
                Instant.now());
    }

    /** Ends a turn for good; false, with nothing changed, when it has ended already. */
    boolean end(Tx tx, StoredTurn turn, Ending ending) {
        int ended = tx.update(
                "UPDATE turn SET state = ?, ended_at = ?, error_code = ?, error = ?, input_tokens = ?,"
                        + " output_tokens = ?, cache_read_tokens = ?, cache_write_tokens = ?"
                        + " WHERE n = ? AND state IN ('queued', 'running')",
                ending.status(),
                Instant.now(),
                ending.error().map(error -> error.code().name()),
                ending.error().map(Throwable::getMessage),
                ending.usage().inputTokens(),
                ending.usage().outputTokens(),
                ending.usage().cacheReadTokens(),
                ending.usage().cacheWriteTokens(),
                turn.n());
        if (ended == 0) {
            return false;
        }
        ending.error().ifPresent(why -> failure(tx, turn, why));
        for (int i = 0; i < ending.calls().size(); i++) {
            ToolRun call = ending.calls().get(i);
            tx.update(
                    "INSERT INTO turn_call (turn, n, call_id, name, ok, at, ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    turn.n(),
                    i,
                    call.callId(),
                    call.name(),
                    call.ok(),
                    call.at(),
                    call.took().toMillis());
        }
        return true;
    }

    /** What was running when the hub ended. */
    List<StoredTurn> interrupted() {
        return store.read(tx -> tx.query(COLUMNS + "WHERE t.state = 'running' ORDER BY t.n", this::stored).stream()
                .map(turn -> withMessages(tx, turn))
                .toList());
    }

    Optional<StoredTurn> find(String runId) {
        return store.read(tx ->
                tx.first(COLUMNS + "WHERE t.run_id = ?", this::stored, runId).map(turn -> withMessages(tx, turn)));
    }

    Optional<AgentViews.Run> one(String runId) {
        return store.read(tx -> tx.first(COLUMNS + "WHERE t.run_id = ?", AgentViews::run, runId));
    }

    /** Run ids of a session's turns that have not ended, oldest first. */
    List<String> open(String sessionKey) {
        return store.read(tx -> tx.query(
                "SELECT run_id FROM turn WHERE session = ? AND state IN ('queued', 'running') ORDER BY n",
                row -> row.text("run_id"),
                sessionKey));
    }

    long queued() {
        return store.read(tx -> tx.number("SELECT COUNT(*) FROM turn WHERE state = 'queued'"));
    }

    /** Runs that have not ended, or all, the newest first. */
    List<AgentViews.Run> list(boolean openOnly, Optional<String> sessionKey, int limit, Optional<String> before) {
        return store.read(tx -> {
            long end = before.map(id -> tx.number("SELECT n FROM turn WHERE run_id = ?", id))
                    .orElse(Long.MAX_VALUE);
            return tx.query(
                    COLUMNS + "WHERE (? = 0 OR t.state IN ('queued', 'running')) AND (? IS NULL OR t.session = ?)"
                            + " AND t.n < ? ORDER BY t.n DESC LIMIT ?",
                    AgentViews::run,
                    openOnly,
                    sessionKey,
                    sessionKey,
                    end,
                    limit);
        });
    }

    /** Forgets what ended longer ago than {@code age}; returns how many, at most 500. */
    int forget(Duration age) {
        return store.writeNow(tx -> {
            List<Long> old = tx.query(
                    "SELECT n FROM turn WHERE ended_at IS NOT NULL AND ended_at < ? ORDER BY ended_at LIMIT 500",
                    row -> row.number("n"),
                    Instant.now().minus(age));
            for (long n : old) {
                tx.update("DELETE FROM turn_message WHERE turn = ?", n);
                tx.update("DELETE FROM turn_call WHERE turn = ?", n);
                tx.update("DELETE FROM turn_failure WHERE turn = ?", n);
                tx.update("DELETE FROM turn WHERE n = ?", n);
            }
            return old.size();
        });
    }

    private StoredTurn withMessages(Tx tx, StoredTurn stored) {
        List<String> ids = tx.query(
                "SELECT message FROM turn_message WHERE turn = ? ORDER BY n", row -> row.text("message"), stored.n());
        Turn t = stored.turn();
        return new StoredTurn(
                stored.n(),
                new Turn(
                        t.runId(),
                        t.sessionKey(),
                        t.replyTo(),
                        ids,
                        t.prompt(),
                        t.parts(),
                        t.model(),
                        t.taskId(),
                        t.priority(),
                        t.trust(),
                        t.attempt(),
                        t.queuedAt()),
                stored.fence(),
                stored.parentRunId(),
                stored.step(),
                stored.tries(),
                stored.nextAt(),
                stored.used());
    }

    private StoredTurn stored(Row row) {
        return new StoredTurn(
                row.number("n"),
                new Turn(
                        row.text("run_id"),
                        row.text("session"),
                        row.optional("channel").map(channel -> Address.of(channel, row.text("conversation"))),
                        List.of(),
                        row.text("prompt"),
                        row.optional("parts").map(this::parts).orElse(List.of()),
                        row.optional("model"),
                        row.optional("task_id"),
                        (int) row.number("priority"),
                        Trust.valueOf(row.text("trust").toUpperCase(Locale.ROOT)),
                        (int) row.number("attempt"),
                        row.instant("created_at")),
                row.isNull("task_fence") ? Optional.empty() : Optional.of(row.number("task_fence")),
                row.optional("parent_run_id"),
                (int) row.number("step"),
                (int) row.number("tries"),
                row.instant("next_at"),
                AgentViews.usage(row));
    }

    private List<Part> parts(String text) {
        return codec.fromData(codec.parseJson(text.getBytes(StandardCharsets.UTF_8)), Parts.class)
                .parts();
    }

    /** How parts are kept in a column. */
    record Parts(List<Part> parts) {}
}
