package io.koshi.agent.internal;

import io.koshi.agent.internal.AgentViews.Failure;
import io.koshi.api.Turn;
import io.koshi.rpc.Doc;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What came of work that was given out, on disk before anybody is told, until its session has read it. Thread-safe. */
final class AgentResults {
    /** Longest output kept, in characters. */
    static final int MAX_OUTPUT = 1_000_000;

    private static final int MAX_TITLE = 120;

    private final Store store;

    AgentResults(Store store) {
        this.store = store; // the queue of turns has made the tables
    }

    /** One result. */
    record Result(
            @Doc("Its number: [agent_result:ID] in a prompt stands for it.")
            long id,

            @Doc("The run that made it.") String runId,
            @Doc("The task it worked on.") Optional<String> taskId,
            @Doc("The session that gave it out.") Optional<String> sessionKey,
            @Doc("The skill it worked by.") Optional<String> skill,
            @Doc("The first line of what was asked.") String title,
            @Doc("done, failed or cancelled.") String status,

            @Doc("What the specialist said; not to be trusted.")
            String output,

            @Doc("Why it failed.") Optional<Failure> error,
            @Doc("Whether its session has read it.") boolean processed,
            @Doc("When it ended.") Instant at) {}

    /** Adds a specialist's result in the commit that ends its run; returns its number. */
    long add(Tx tx, StoredTurn stored, Ending ending) {
        Turn turn = stored.turn();
        return tx.insert(
                "INSERT INTO agent_result (run_id, task_id, session, skill, title, status, output, error_code, error,"
                        + " at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                turn.runId(),
                turn.taskId(),
                stored.assignment().employer(),
                stored.assignment().skill(),
                Words.title(turn.prompt(), MAX_TITLE),
                ending.status(),
                Words.cut(ending.response(), MAX_OUTPUT),
                ending.error().map(error -> error.code().name()),
                ending.error().map(Throwable::getMessage),
                Instant.now());
    }

    /** Results that a session has not read yet, oldest first. */
    List<Result> unread(String session, int limit) {
        return store.read(tx -> tx.query(
                "SELECT * FROM agent_result WHERE session = ? AND processed_by IS NULL ORDER BY id LIMIT ?",
                AgentResults::result,
                session,
                limit));
    }

    /** A result by its number, its run or its task. */
    Optional<Result> find(String reference) {
        boolean number = reference.matches("[0-9]{1,18}");
        return store.read(tx -> number
                ? tx.first("SELECT * FROM agent_result WHERE id = ?", AgentResults::result, Long.valueOf(reference))
                : tx.first(
                        "SELECT * FROM agent_result WHERE run_id = ? OR task_id = ? ORDER BY id DESC LIMIT 1",
                        AgentResults::result,
                        reference,
                        reference));
    }

    /** A run has read these. */
    void read(Tx tx, List<Long> ids, String runId) {
        ids.forEach(id ->
                tx.update("UPDATE agent_result SET processed_by = ? WHERE id = ? AND processed_by IS NULL", runId, id));
    }

    /** Results, the newest first. */
    List<Result> list(
            Optional<String> session, Optional<String> taskId, boolean unreadOnly, int limit, Optional<Long> before) {
        return store.read(tx -> tx.query(
                "SELECT * FROM agent_result WHERE (? IS NULL OR session = ?) AND (? IS NULL OR task_id = ?)"
                        + " AND (? = 0 OR processed_by IS NULL) AND id < ? ORDER BY id DESC LIMIT ?",
                AgentResults::result,
                session,
                session,
                taskId,
                taskId,
                unreadOnly,
                before.orElse(Long.MAX_VALUE),
                limit));
    }

    /** Forgets what ended longer ago than {@code age} and is read, or nobody waits for; returns how many, at most 500. */
    int forget(Duration age) {
        return store.writeNow(tx -> tx.update(
                "DELETE FROM agent_result WHERE id IN (SELECT id FROM agent_result WHERE at < ?"
                        + " AND (processed_by IS NOT NULL OR session IS NULL) ORDER BY id LIMIT 500)",
                Instant.now().minus(age)));
    }

    private static Result result(Row row) {
        return new Result(
                row.number("id"),
                row.text("run_id"),
                row.optional("task_id"),
                row.optional("session"),
                row.optional("skill"),
                row.text("title"),
                row.text("status"),
                row.text("output"),
                row.optional("error_code").map(code -> new Failure(code, row.text("error"))),
                !row.isNull("processed_by"),
                row.instant("at"));
    }
}
