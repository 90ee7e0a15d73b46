package io.koshi.cron.internal;

import io.koshi.cron.internal.Job.Origin;
import io.koshi.rpc.Doc;
import io.koshi.store.Row;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What this room tells others of jobs. */
final class CronViews {
    private CronViews() {}

    /** Where a job is in its life. */
    enum State {
        ACTIVE,
        /** Its only slot was claimed. */
        FIRED,
        CANCELLED;

        static State of(Row row) {
            return valueOf(row.text("state").toUpperCase(Locale.ROOT));
        }
    }

    /** What became of a slot. */
    enum Outcome {
        QUEUED,
        RUNNING,
        DONE,
        FAILED,
        SKIPPED
    }

    /** A slot that was claimed. */
    record Run(
            @Doc("The time it is for.") Instant slot,

            @Doc("queued, running, done, failed or skipped.")
            Outcome status,

            @Doc("Why it was skipped.") Optional<String> reason,
            @Doc("What went wrong.") Optional<String> error,
            @Doc("The task it made.") Optional<String> taskId,
            @Doc("The agent's run it made.") Optional<String> runId,
            @Doc("When it was claimed.") Instant claimedAt,
            @Doc("When it ended.") Optional<Instant> endedAt) {
        static Run of(Row row) {
            return new Run(
                    row.instant("slot"),
                    Outcome.valueOf(row.text("state").toUpperCase(Locale.ROOT)),
                    row.optional("reason"),
                    row.optional("error"),
                    row.optional("task_id"),
                    row.optional("run_id"),
                    row.instant("claimed_at"),
                    Optional.ofNullable(row.instant("ended_at")));
        }
    }

    /** A job as a list shows it. */
    record Listed(
            @Doc("Eight characters.") String id,
            @Doc("What it is called.") String name,
            @Doc("What it is for.") Optional<String> description,

            @Doc("config for koshi.yaml's, added for those that came while the hub ran.")
            Origin origin,

            @Doc("As it was written.") String schedule,
            @Doc("The zone its clock is in.") String timezone,
            @Doc("task, message, notify or heartbeat.") String kind,
            @Doc("What it is about.") String task,
            @Doc("active, fired or cancelled.") State status,

            @Doc("Its next time; absent when there is none.")
            Optional<Instant> nextAt,

            @Doc("What became of its newest time.") Optional<Run> lastRun,

            @Doc("How many of its newest runs failed one after another.")
            long failures) {}

    /** Payload of {@code cron.trigger}. */
    record Trigger(
            String taskId,
            String task,
            Optional<String> sessionKey,
            String id,
            String name,
            Instant slot,
            String kind,
            Optional<String> runId) {}

    /** A page of jobs. */
    record JobList(
            @Doc("Jobs, those that come next first.") List<Listed> jobs,
            @Doc("How many there are.") long total) {}
}
