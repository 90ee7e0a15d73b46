package io.koshi.cron.internal;

import io.koshi.api.Trust;
import io.koshi.cron.internal.CronViews.Outcome;
import io.koshi.cron.internal.CronViews.Run;
import io.koshi.cron.internal.CronViews.State;
import io.koshi.cron.internal.Job.Origin;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Jobs and what became of their slots, on disk. Thread-safe. */
final class JobTable {
    /** So many runs of a job are kept. */
    static final int KEPT_RUNS = 50;

    private static final String OPEN = "state IN ('running', 'queued')";
    private static final String LETTERS = "abcdefghjkmnpqrstvwxyz0123456789";

    private final SecureRandom random = new SecureRandom();
    private final Store store;

    JobTable(Store store) {
        this.store = store;
        store.migrate("cron", CronTables.STEPS);
    }

    /** A job's row. */
    record Stored(
            long n,
            String id,
            String name,
            Origin origin,
            Trust trust,
            String spec,
            ZoneId zone,
            State state,
            Instant since,
            Instant lastSlot) {
        static Stored of(Row row) {
            return new Stored(
                    row.number("n"),
                    row.text("id"),
                    row.text("name"),
                    Origin.valueOf(row.text("origin").toUpperCase(Locale.ROOT)),
                    Trust.valueOf(row.text("trust").toUpperCase(Locale.ROOT)),
                    row.text("spec"),
                    ZoneId.of(row.text("zone")),
                    State.of(row),
                    row.instant("since"),
                    row.instant("last_slot"));
        }
    }

    List<Stored> active() {
        return store.read(tx -> tx.query("SELECT * FROM cron_job WHERE state = 'active' ORDER BY n", Stored::of));
    }

    long count(Tx tx) {
        return tx.number("SELECT COUNT(*) FROM cron_job WHERE state = 'active'");
    }

    Optional<Stored> find(Tx tx, long n) {
        return tx.first("SELECT * FROM cron_job WHERE n = ?", Stored::of, n);
    }

    /** The job with this id, else the active one with this name, koshi.yaml's first. */
    Optional<Stored> find(Tx tx, String idOrName) {
        return tx.first("SELECT * FROM cron_job WHERE id = ?", Stored::of, idOrName.toLowerCase(Locale.ROOT))
                .or(() -> named(tx, idOrName));
    }

    Optional<Stored> named(Tx tx, String name) {
        return tx.first("SELECT * FROM cron_job WHERE name = ? AND state = 'active' ORDER BY origin", Stored::of, name);
    }

    /** Adds an active job whose first slot comes after {@code since}. */
    Stored add(Tx tx, String name, Origin origin, Trust trust, String spec, ZoneId zone, Instant since) {
        String id = freeId(tx);
        Instant from = Instant.ofEpochSecond(since.getEpochSecond());
        long n = tx.insert(
                "INSERT INTO cron_job (id, name, origin, trust, spec, zone, state, since, last_slot, created_at, updated_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, 'active', ?, ?, ?, ?)",
                id,
                name,
                origin,
                trust,
                spec,
                zone.getId(),
                from,
                from,
                since,
                since);
        return new Stored(n, id, name, origin, trust, spec, zone, State.ACTIVE, from, from);
    }

    private String freeId(Tx tx) {
        while (true) {
            StringBuilder id = new StringBuilder(8);
            for (int i = 0; i < 8; i++) {
                id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            if (tx.number("SELECT COUNT(*) FROM cron_job WHERE id = ?", id.toString()) == 0) {
                return id.toString();
            }
        }
    }

    /** Keeps a job under a new spec; {@code since} when its times begin anew. */
    void change(Tx tx, long n, String spec, ZoneId zone, Optional<Instant> since, Instant now) {
        Optional<Instant> from = since.map(moment -> Instant.ofEpochSecond(moment.getEpochSecond()));
        tx.update(
                "UPDATE cron_job SET spec = ?, zone = ?, since = COALESCE(?, since),"
                        + " last_slot = COALESCE(?, last_slot), updated_at = ? WHERE n = ?",
                spec,
                zone.getId(),
                from,
                from,
                now,
                n);
    }

    /** Ends a job; what waits of one that is taken away is not begun any more, what runs goes on. */
    boolean end(Tx tx, long n, State state, Instant now) {
        boolean ended = tx.update(
                        "UPDATE cron_job SET state = ?, updated_at = ? WHERE n = ? AND state = 'active'", state, now, n)
                > 0;
        if (ended && state == State.CANCELLED) {
            tx.update(
                    "UPDATE cron_run SET state = 'skipped', reason = 'the job was taken away', ended_at = ?"
                            + " WHERE job = ? AND state = 'queued'",
                    now,
                    n);
        }
        return ended;
    }

    /** Moves a job's last slot on; false when it is not active, or is as far already. */
    boolean advance(Tx tx, long n, Instant slot) {
        return tx.update(
                        "UPDATE cron_job SET last_slot = ? WHERE n = ? AND state = 'active' AND last_slot < ?",
                        slot,
                        n,
                        slot)
                > 0;
    }

    /** Puts a job's last slot back after a clock had run far ahead. */
    void rewind(Tx tx, long n, Instant slot) {
        tx.update("UPDATE cron_job SET last_slot = ? WHERE n = ?", Instant.ofEpochSecond(slot.getEpochSecond()), n);
    }

    /** Claims a slot for a job; empty when it has been. */
    Optional<Long> claim(Tx tx, long job, Instant slot, Outcome outcome, Optional<String> reason, Instant now) {
        long n = tx.insert(
                "INSERT OR IGNORE INTO cron_run (job, slot, state, reason, claimed_at, ended_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?)",
                job,
                slot,
                outcome,
                reason,
                now,
                outcome == Outcome.SKIPPED || outcome == Outcome.DONE ? Optional.of(now) : Optional.empty());
        if (n < 0) {
            return Optional.empty();
        }
        tx.update(
                "DELETE FROM cron_run WHERE job = ? AND NOT " + OPEN + " AND slot < (SELECT slot FROM cron_run"
                        + " WHERE job = ? ORDER BY slot DESC LIMIT 1 OFFSET ?)",
                job,
                job,
                KEPT_RUNS - 1);
        return Optional.of(n);
    }

    /** Keeps what a run made. */
    void started(Tx tx, long run, Dispatch.Started started, Outcome outcome, Instant now) {
        tx.update(
                "UPDATE cron_run SET state = ?, task_id = ?, run_id = ?, session = ?, ended_at = ? WHERE n = ?",
                outcome,
                started.taskId(),
                started.runId(),
                started.sessionKey(),
                outcome == Outcome.DONE ? Optional.of(now) : Optional.empty(),
                run);
    }

    /** Ends a run that has not ended; false when it has. */
    boolean ended(Tx tx, long run, Outcome outcome, Optional<String> error, Instant now) {
        return tx.update(
                        "UPDATE cron_run SET state = ?, error = ?, ended_at = ? WHERE n = ? AND " + OPEN,
                        outcome,
                        error,
                        now,
                        run)
                > 0;
    }

    /** How many runs of a job have not ended. */
    long open(Tx tx, long job, Outcome outcome) {
        return tx.number("SELECT COUNT(*) FROM cron_run WHERE state = ? AND job = ?", outcome, job);
    }

    /** A run that has not ended. */
    record OpenRun(
            long n,
            long job,
            Instant slot,
            Outcome outcome,
            Optional<String> taskId,
            Optional<String> runId,
            Optional<String> sessionKey) {
        static OpenRun of(Row row) {
            return new OpenRun(
                    row.number("n"),
                    row.number("job"),
                    row.instant("slot"),
                    Outcome.valueOf(row.text("state").toUpperCase(Locale.ROOT)),
                    row.optional("task_id"),
                    row.optional("run_id"),
                    row.optional("session"));
        }
    }

    List<OpenRun> open() {
        return store.read(tx -> tx.query("SELECT * FROM cron_run WHERE " + OPEN + " ORDER BY n", OpenRun::of));
    }

    Optional<OpenRun> firstQueued(Tx tx, long job) {
        return tx.first("SELECT * FROM cron_run WHERE state = 'queued' AND job = ? ORDER BY n", OpenRun::of, job);
    }

    /** A job's newest runs, the newest first. */
    List<Run> runs(Tx tx, long job, int limit) {
        return tx.query("SELECT * FROM cron_run WHERE job = ? ORDER BY slot DESC LIMIT ?", Run::of, job, limit);
    }

    /** How many runs of a job failed since the last that did not. */
    long failures(Tx tx, long job) {
        return tx.number(
                "SELECT COUNT(*) FROM cron_run WHERE job = ? AND state = 'failed' AND slot > COALESCE("
                        + "(SELECT MAX(slot) FROM cron_run WHERE job = ? AND state = 'done'), -1)",
                job,
                job);
    }

    /** How many active jobs failed when they last ran. */
    long failing() {
        return store.read(
                tx -> tx.number(
                        "SELECT COUNT(*) FROM cron_job j WHERE j.state = 'active' AND (SELECT r.state FROM cron_run r"
                                + " WHERE r.job = j.n AND r.state IN ('done', 'failed') ORDER BY r.slot DESC LIMIT 1) = 'failed'"));
    }

    /** All jobs of these states, oldest first. */
    List<Stored> list(Tx tx, boolean ended, int most) {
        return tx.query(
                "SELECT * FROM cron_job WHERE ? OR state = 'active' ORDER BY state = 'active' DESC, n DESC LIMIT ?",
                Stored::of,
                ended,
                most);
    }

    /** Forgets jobs that ended before a moment. */
    void forget(Tx tx, Instant before) {
        tx.update(
                "DELETE FROM cron_run WHERE job IN (SELECT n FROM cron_job WHERE state <> 'active' AND updated_at < ?)"
                        + " AND NOT " + OPEN,
                before);
        tx.update(
                "DELETE FROM cron_job WHERE state <> 'active' AND updated_at < ?"
                        + " AND NOT EXISTS (SELECT 1 FROM cron_run WHERE job = cron_job.n)",
                before);
    }
}
