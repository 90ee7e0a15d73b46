package io.koshi.task.internal;

import io.koshi.store.Row;
import java.time.Instant;
import java.util.Optional;

/**
 * What of a task never changes while it is under way, with its counts when they were read.
 *
 * @param n its row
 * @param split the row of the aggregator whose batch it is, negative where it is the splitter
 * @param attempts leases so far
 * @param failures those of them that count towards {@code maxAttempts}
 * @param losses those of them whose worker was lost
 * @param onlyModel the model that its worker has to have
 */
record Facts(
        long n,
        String id,
        Optional<String> title,
        Optional<String> project,
        Kind kind,
        int priority,
        boolean autoRun,
        Optional<Long> split,
        int maxAttempts,
        int attempts,
        int failures,
        int losses,
        Optional<String> onlyModel,
        Instant createdAt) {
    /** Columns of {@code task} that {@link #of} reads. */
    static final String COLUMNS = "t.n, t.id, t.title, t.project, t.type, t.priority, t.auto_run, t.split,"
            + " t.max_attempts, t.attempts, t.failures, t.losses, t.only_model, t.created_at";

    static Facts of(Row row) {
        return new Facts(
                row.number("n"),
                row.text("id"),
                row.optional("title"),
                row.optional("project"),
                Kind.of(row.text("type")),
                (int) row.number("priority"),
                row.flag("auto_run"),
                row.isNull("split") ? Optional.empty() : Optional.of(row.number("split")),
                (int) row.number("max_attempts"),
                (int) row.number("attempts"),
                (int) row.number("failures"),
                (int) row.number("losses"),
                row.optional("only_model"),
                row.instant("created_at"));
    }

    Facts withoutFailures() {
        return new Facts(
                n,
                id,
                title,
                project,
                kind,
                priority,
                autoRun,
                split,
                maxAttempts,
                attempts,
                0,
                0,
                onlyModel,
                createdAt);
    }

    /** Where it queues. */
    Line line() {
        return new Line(kind, onlyModel.orElse(Line.ANY));
    }

    /** Its place among the queued ones of its line: by priority, then by age. */
    long key() {
        return key(priority, n);
    }

    static long key(int priority, long n) {
        return ((long) priority << 48) | n;
    }

    static long n(long key) {
        return key & 0xFFFF_FFFF_FFFFL;
    }
}
