package io.koshi.task.internal;

import io.koshi.store.Row;
import io.koshi.task.Tasks.Order;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A split as the disk has it.
 *
 * @param n its aggregator's row
 * @param like what each batch is like
 * @param rest items that do not fill a batch yet, a JSON list; empty for none
 * @param closed whether all items are there
 * @param gathered whether the aggregator has the results
 */
record Split(
        long n,
        String prompt,
        Order like,
        int size,
        Policy policy,
        double threshold,
        String rest,
        boolean closed,
        boolean gathered,
        long items,
        long batches,
        long done,
        long failed) {
    static Split of(Row row) {
        Order like = new Order(
                row.optional("title").map(title -> title + ": batch"),
                "-",
                row.text("kind"),
                (int) row.number("priority"),
                row.optional("project"),
                row.optional("skill"),
                List.of(),
                Optional.empty(),
                List.of(),
                false,
                row.optional("model"),
                row.optional("system_prompt"),
                Optional.empty(),
                Optional.of((int) row.number("max_attempts")));
        return new Split(
                row.number("task"),
                row.text("prompt"),
                like,
                (int) row.number("batch"),
                Policy.valueOf(row.text("policy").toUpperCase(Locale.ROOT)),
                row.real("threshold"),
                row.text("rest"),
                row.flag("closed"),
                row.flag("gathered"),
                row.number("items"),
                row.number("batches"),
                row.number("done"),
                row.number("failed"));
    }

    boolean over() {
        return closed && done + failed == batches;
    }

    boolean spoilt() {
        return switch (policy) {
            case FAIL -> failed > 0;
            case IGNORE -> false;
            case THRESHOLD -> failed > threshold * batches;
        };
    }
}
