package io.koshi.task.internal;

import io.koshi.rpc.Doc;
import io.koshi.store.Row;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What this room tells others of tasks. */
final class TaskViews {
    private TaskViews() {}

    /** Where a task is in its life. */
    enum Status {
        QUEUED,
        BLOCKED,
        WAITING,
        LEASED,
        DONE,
        FAILED,
        CANCELLED;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** One try at a task. */
    record Attempt(
            @Doc("Counts from 1.") long n,
            @Doc("Who had it.") String worker,
            @Doc("Since when.") Instant leasedAt,
            @Doc("Until when.") Optional<Instant> endedAt,

            @Doc("leased, done, failed, lost, released or cancelled.")
            String status,

            @Doc("What went wrong.") Optional<String> error) {
        static Attempt of(Row row) {
            return new Attempt(
                    row.number("n"),
                    row.text("worker"),
                    row.instant("leased_at"),
                    Optional.ofNullable(row.instant("ended_at")),
                    row.text("status"),
                    row.optional("error"));
        }
    }

    /** A task in full. */
    record Task(
            @Doc("The task's ULID.") String taskId,
            @Doc("Counts tasks from 1; names the task too.") long number,
            @Doc("What it is called.") Optional<String> title,
            @Doc("What is to be done.") String prompt,
            @Doc("chat, python, shell or human.") String type,

            @Doc("queued, blocked, waiting, leased, done, failed or cancelled.")
            String status,

            @Doc("Lower goes first.") long priority,
            @Doc("What it belongs to.") Optional<String> project,
            @Doc("The skill its worker uses.") Optional<String> skill,
            @Doc("A name from models.") Optional<String> model,

            @Doc("What the model is told before the prompt.")
            Optional<String> systemPrompt,

            @Doc("What is known about it.") Optional<String> context,

            @Doc("A blob with what it works on: see task.text.")
            Optional<String> inputRef,

            @Doc("Whether the hub's own agent does it.") boolean autoRun,
            @Doc("Tasks that must be done first.") List<String> dependsOn,
            @Doc("Every try so far.") List<Attempt> attempts,

            @Doc("Tries that may fail before it has failed.")
            long maxAttempts,

            @Doc("The newest fencing token, 0 before the first lease.")
            long fence,

            @Doc("Who has it, or had it last.") Optional<String> worker,
            @Doc("When the lease runs out.") Optional<Instant> leasedUntil,
            @Doc("When it is tried again.") Optional<Instant> nextAt,

            @Doc("What a queued one lacks that nobody takes it.")
            Optional<String> waitsFor,

            @Doc("What came of it.") Optional<String> result,

            @Doc("The blob that has what came of it: see task.text.")
            Optional<String> resultRef,

            @Doc("Why it failed.") Optional<Failure> error,

            @Doc("How far the batches are that it waits for.")
            Optional<Progress> split,

            @Doc("When it was made.") Instant createdAt,
            @Doc("When it last changed.") Instant updatedAt) {}

    /** How far a split is. */
    record Progress(
            @Doc("Items that came.") long items,
            @Doc("Tasks made of them.") long batches,
            @Doc("Of those, done.") long done,
            @Doc("Of those, failed or cancelled.") long failed,
            @Doc("Whether all items are there.") boolean closed,
            @Doc("fail, ignore or threshold.") String policy) {}

    /** Why a task failed. */
    record Failure(
            @Doc("An error code.") String code,
            @Doc("A sentence.") String message) {}

    /** A task as a list shows it. */
    record Brief(
            @Doc("The task's ULID.") String taskId,
            @Doc("Counts tasks from 1; names the task too.") long number,
            @Doc("What it is called.") Optional<String> title,
            @Doc("How its prompt begins.") Optional<String> words,
            @Doc("chat, python, shell or human.") String type,

            @Doc("queued, blocked, waiting, leased, done, failed or cancelled.")
            String status,

            @Doc("Lower goes first.") long priority,
            @Doc("What it belongs to.") Optional<String> project,
            @Doc("Who has it, or had it last.") Optional<String> worker,
            @Doc("How many tries there were.") long attempts,
            @Doc("When the lease runs out.") Optional<Instant> leasedUntil,

            @Doc("What a queued one lacks that nobody takes it.")
            Optional<String> waitsFor,

            @Doc("Why it failed.") Optional<Failure> error,
            @Doc("When it was made.") Instant createdAt,
            @Doc("When it last changed.") Instant updatedAt,
            @Doc("Asked for with full: what is to be done.") Optional<String> prompt,
            @Doc("Asked for with full.") Optional<String> systemPrompt,
            @Doc("Asked for with full: what came of it.") Optional<String> result) {}

    /** Payload of every {@code task.*} event. */
    record Changed(
            String taskId,
            Optional<String> title,
            Optional<String> project,
            String type,
            String status,
            long priority,
            Optional<String> worker,
            long attempt,
            Optional<Failure> error) {}
}
