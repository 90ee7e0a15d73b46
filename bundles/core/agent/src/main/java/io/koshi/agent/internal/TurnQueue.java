package io.koshi.agent.internal;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.model.Usage;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Turns on disk: which are asked for, which one of a session is on, and how each ended. Thread-safe. */
final class TurnQueue {
    private static final String COLUMNS = "SELECT t.* FROM turn t ";

    private final Store store;
    private final TurnRows rows;

    TurnQueue(Store store, Codec codec) {
        this.store = store;
        this.rows = new TurnRows(codec);
        TurnTables.migrate(store);
    }

    /** Adds a turn at the end of its session's queue; returns its run id. */
    String add(Tx tx, Ask ask, Assignment assignment, Optional<String> parentRunId) {
        return add(tx, Optional.empty(), ask, assignment, parentRunId);
    }

    /** As above, under an id that was chosen already: CONFLICT where a run has had it. */
    String add(Tx tx, Optional<String> chosen, Ask ask, Assignment assignment, Optional<String> parentRunId) {
        chosen.ifPresent(id -> {
            if (tx.first("SELECT 1 FROM turn WHERE run_id = ?", row -> true, id).isPresent()) {
                throw new KoshiException(ErrorCode.CONFLICT, "there is a run " + id + " already: make a new ULID");
            }
        });
        String runId = chosen.orElseGet(Ulid::next);
        Instant now = Instant.now();
        long n = tx.insert(
                "INSERT INTO turn (run_id, session, channel, conversation, prompt, parts, model, task_id, priority,"
                        + " trust, kind, skill, system, employer, employer_channel, employer_conversation,"
                        + " parent_run_id, state, attempt, step, tries, next_at, created_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 1, 0, 1, ?, ?)",
                runId,
                ask.sessionKey(),
                ask.replyTo().map(Address::channel),
                ask.replyTo().map(Address::conversation),
                ask.prompt(),
                rows.text(ask.parts()),
                ask.model(),
                ask.taskId(),
                ask.priority(),
                ask.trust(),
                assignment.kind(),
                assignment.skill(),
                assignment.system(),
                assignment.employer(),
                assignment.talksAt().map(Address::channel),
                assignment.talksAt().map(Address::conversation),
                parentRunId,
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

    /** Turns put into another's exchange. */
    Joining joining() {
        return new Joining(rows);
    }

    void fence(Tx tx, String runId, long fence) {
        tx.update("UPDATE turn SET task_fence = ? WHERE run_id = ?", fence, runId);
    }

    /** The turn whose turn it is in a session that has none running. */
    record Head(
            String runId, Optional<String> model, boolean worker, Optional<String> skill, int step, Instant nextAt) {}

    /** The first turn of every session that has none running, specialists' or others', the most urgent first. */
    List<Head> heads(boolean workers, int limit) {
        return store.read(tx -> tx.query(
                "SELECT t.run_id, t.model, t.skill, t.step, t.next_at FROM turn t"
                        + " JOIN (SELECT MIN(n) AS n, SUM(state = 'running') AS busy FROM turn"
                        + " WHERE state IN ('queued', 'running') GROUP BY session) head"
                        + " ON head.n = t.n WHERE head.busy = 0 AND (t.kind = 'worker') = ?"
                        + " ORDER BY t.priority, t.n LIMIT ?",
                row -> new Head(
                        row.text("run_id"),
                        row.optional("model"),
                        workers,
                        row.optional("skill"),
                        (int) row.number("step"),
                        row.instant("next_at")),
                workers,
                limit));
    }

    boolean isQueued(Tx tx, StoredTurn turn) {
        return tx.number("SELECT COUNT(*) FROM turn WHERE n = ? AND state = 'queued'", turn.n()) > 0;
    }

    /** Makes a queued turn the one of its session; false when it is no longer queued. */
    boolean start(Tx tx, StoredTurn turn, int step, String model) {
        return tx.update(
                        "UPDATE turn SET state = 'running', step = ?, used_model = ?,"
                                + " started_at = COALESCE(started_at, ?) WHERE n = ? AND state = 'queued'",
                        step,
                        model,
                        Instant.now(),
                        turn.n())
                > 0;
    }

    /** Puts a running turn back in its place, to be taken again as if it had not been. */
    boolean park(Tx tx, StoredTurn turn) {
        Joining.part(tx, turn);
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
            Joining.part(tx, turn);
            failure(tx, turn, why);
        }
        return put;
    }

    /** A newer message takes the place of what runs in a session, over a restart too. */
    void interrupt(Tx tx, String sessionKey) {
        tx.update(
                "UPDATE turn SET interrupted = 1 WHERE session = ? AND state = 'running' AND kind <> 'worker'",
                sessionKey);
    }

    /** Whether the session's report of ended work waits already. */
    boolean reportWaits(Tx tx, String sessionKey) {
        return tx.number(
                        "SELECT COUNT(*) FROM turn WHERE session = ? AND state = 'queued' AND kind = 'report'",
                        sessionKey)
                > 0;
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
        return store.read(tx -> tx.query(COLUMNS + "WHERE t.state = 'running' ORDER BY t.n", rows::stored).stream()
                .map(turn -> rows.withMessages(tx, turn))
                .toList());
    }

    Optional<StoredTurn> find(String runId) {
        return store.read(tx ->
                tx.first(COLUMNS + "WHERE t.run_id = ?", rows::stored, runId).map(turn -> rows.withMessages(tx, turn)));
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

    /** Run ids of turns on a task that have not ended. */
    List<String> ofTask(String taskId) {
        return store.read(tx -> tx.query(
                "SELECT run_id FROM turn WHERE task_id = ? AND state IN ('queued', 'running') ORDER BY n",
                row -> row.text("run_id"),
                taskId));
    }

    long queued() {
        return store.read(tx -> tx.number("SELECT COUNT(*) FROM turn WHERE state = 'queued'"));
    }

    /** Specialists that work for a session or wait to, oldest first. */
    List<AgentViews.Run> workers(String employer, int limit) {
        return store.read(tx -> tx.query(
                COLUMNS + "WHERE t.employer = ? AND t.state IN ('queued', 'running') ORDER BY t.n LIMIT ?",
                AgentViews::run,
                employer,
                limit));
    }

    /** How many runs led to this one, itself included. */
    static long generations(Tx tx, String runId) {
        return tx.number(
                "WITH RECURSIVE led(run, depth) AS (SELECT ?, 1 UNION ALL SELECT t.parent_run_id, led.depth + 1"
                        + " FROM turn t JOIN led ON t.run_id = led.run"
                        + " WHERE t.parent_run_id IS NOT NULL AND led.depth < 100) SELECT MAX(depth) FROM led",
                runId);
    }

    /** Specialists that work or wait. */
    long openWorkers(Tx tx) {
        return tx.number("SELECT COUNT(*) FROM turn WHERE state IN ('queued', 'running') AND kind = 'worker'");
    }

    /** Specialists that wait for their turn. */
    long queuedWorkers(Tx tx) {
        return tx.number("SELECT COUNT(*) FROM turn WHERE state = 'queued' AND kind = 'worker'");
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
}
