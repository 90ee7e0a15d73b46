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
            @Doc("leased, done, failed or lost.") String status,
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
            @Doc("What it is called.") Optional<String> title,
            @Doc("What is to be done.") String prompt,
            @Doc("chat, python, shell or human.") String type,

            @Doc("queued, blocked, waiting, leased, done, failed or cancelled.")
            String status,

            @Doc("Lower goes first.") long priority,
            @Doc("What it belongs to.") Optional<String> project,
            @Doc("The skill its worker uses.") Optional<String> skill,
            @Doc("Tasks that must be done first.") List<String> dependsOn,
            @Doc("Every try so far.") List<Attempt> attempts,

            @Doc("The newest fencing token, 0 before the first lease.")
            long fence,

            @Doc("When the lease runs out.") Optional<Instant> leasedUntil,
            @Doc("What came of it.") Optional<String> result,
            @Doc("The blob that has what came of it.") Optional<String> resultRef,
            @Doc("Why it failed.") Optional<Failure> error,
            @Doc("When it was made.") Instant createdAt,
            @Doc("When it last changed.") Instant updatedAt) {
        static Task of(Row row, List<String> dependsOn, List<Attempt> attempts) {
            return new Task(
                    row.text("id"),
                    row.optional("title"),
                    row.text("prompt"),
                    row.text("type"),
                    row.text("status"),
                    row.number("priority"),
                    row.optional("project"),
                    row.optional("skill"),
                    dependsOn,
                    attempts,
                    row.number("fence"),
                    Optional.ofNullable(row.instant("leased_until")),
                    row.optional("result"),
                    row.optional("result_ref"),
                    row.optional("error_code").map(code -> new Failure(code, row.text("error"))),
                    row.instant("created_at"),
                    row.instant("updated_at"));
        }
    }

    /** Why a task failed. */
    record Failure(
            @Doc("An error code.") String code,
            @Doc("A sentence.") String message) {}

    /** A task as a list shows it. */
    record Brief(
            @Doc("The task's ULID.") String taskId,
            @Doc("What it is called.") Optional<String> title,
            @Doc("chat, python, shell or human.") String type,

            @Doc("queued, blocked, waiting, leased, done, failed or cancelled.")
            String status,

            @Doc("Lower goes first.") long priority,
            @Doc("What it belongs to.") Optional<String> project,
            @Doc("Who has it.") Optional<String> worker,
            @Doc("How many tries there were.") long attempts,
            @Doc("When it was made.") Instant createdAt,
            @Doc("When it last changed.") Instant updatedAt) {
        static Brief of(Row row) {
            return new Brief(
                    row.text("id"),
                    row.optional("title"),
                    row.text("type"),
                    row.text("status"),
                    row.number("priority"),
                    row.optional("project"),
                    row.optional("worker"),
                    row.number("attempts"),
                    row.instant("created_at"),
                    row.instant("updated_at"));
        }
    }

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
            Optional<Failure> error) {
        static Changed of(Row row) {
            return new Changed(
                    row.text("id"),
                    row.optional("title"),
                    row.optional("project"),
                    row.text("type"),
                    row.text("status"),
                    row.number("priority"),
                    row.optional("worker"),
                    row.number("attempts"),
                    row.optional("error_code").map(code -> new Failure(code, row.text("error"))));
        }
    }
}
