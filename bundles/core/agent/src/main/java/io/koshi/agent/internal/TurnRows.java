package io.koshi.agent.internal;

import io.koshi.agent.internal.Assignment.Kind;
import io.koshi.api.Address;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.api.Turn;
import io.koshi.codec.Codec;
import io.koshi.store.Row;
import io.koshi.store.Tx;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads turns from their rows. Thread-safe. */
record TurnRows(Codec codec) {
    /** How parts are kept in a column. */
    record Parts(List<Part> parts) {}

    Optional<String> text(List<Part> parts) {
        return parts.isEmpty()
                ? Optional.empty()
                : Optional.of(new String(codec.json(new Parts(parts)), StandardCharsets.UTF_8));
    }

    StoredTurn stored(Row row) {
        return new StoredTurn(
                row.number("n"),
                new Turn(
                        row.text("run_id"),
                        row.text("session"),
                        address(row, "channel", "conversation"),
                        List.of(),
                        row.text("prompt"),
                        row.optional("parts").map(this::parts).orElse(List.of()),
                        row.optional("model"),
                        row.optional("task_id"),
                        (int) row.number("priority"),
                        Trust.valueOf(upper(row, "trust")),
                        (int) row.number("attempt"),
                        row.instant("created_at")),
                new Assignment(
                        Kind.valueOf(upper(row, "kind")),
                        row.optional("skill"),
                        row.optional("system"),
                        row.optional("employer"),
                        address(row, "employer_channel", "employer_conversation")),
                row.isNull("task_fence") ? Optional.empty() : Optional.of(row.number("task_fence")),
                row.optional("parent_run_id"),
                (int) row.number("step"),
                (int) row.number("tries"),
                row.instant("next_at"),
                AgentViews.usage(row),
                row.flag("interrupted"));
    }

    StoredTurn withMessages(Tx tx, StoredTurn stored) {
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
                stored.assignment(),
                stored.fence(),
                stored.parentRunId(),
                stored.step(),
                stored.tries(),
                stored.nextAt(),
                stored.used(),
                stored.interrupted());
    }

    private static Optional<Address> address(Row row, String channel, String conversation) {
        return row.optional(channel).map(name -> Address.of(name, row.text(conversation)));
    }

    private static String upper(Row row, String column) {
        return row.text(column).toUpperCase(Locale.ROOT);
    }

    private List<Part> parts(String text) {
        return codec.fromData(codec.parseJson(text.getBytes(StandardCharsets.UTF_8)), Parts.class)
                .parts();
    }
}
