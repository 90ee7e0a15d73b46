package io.koshi.tool.internal;

import io.koshi.codec.Codec;
import io.koshi.store.Row;
import io.koshi.store.Tx;
import io.koshi.tool.Approvals.Answer;
import io.koshi.tool.Approvals.Pending;
import io.koshi.tool.Approvals.Request;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests for approval as rows; decided ones are kept for a month, remembered ones until they are forgotten. */
final class ApprovalBook {
    private static final Duration KEPT = Duration.ofDays(30);
    private static final String CHANGE = "UPDATE approval SET state = ?, decided_by = ?, remembered = ?, decided_at = ?"
            + " WHERE id = ? AND state = 'pending'";

    private final Codec codec;

    ApprovalBook(Codec codec) {
        this.codec = codec;
    }

    void add(Tx tx, Pending pending) {
        Request request = pending.request();
        tx.update(
                "INSERT INTO approval (id, person, run_id, tool, arguments, bound, hash, reason, anew, state, created_at,"
                        + " expires_at, used) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                pending.id(),
                request.person(),
                request.runId(),
                request.tool(),
                json(request.arguments()),
                json(request.bound()),
                pending.argsHash(),
                request.reason(),
                request.anew(),
                ApprovalState.PENDING,
                pending.createdAt(),
                pending.expiresAt());
        tx.update(
                "DELETE FROM approval WHERE created_at < ? AND state <> 'pending' AND remembered = 0",
                pending.createdAt().minus(KEPT));
    }

    /** False when it is decided already. */
    boolean change(Tx tx, String id, ApprovalState state, String by, boolean remember) {
        return tx.update(CHANGE, state, by, remember, Instant.now(), id) == 1;
    }

    Optional<Pending> find(Tx tx, String id) {
        return tx.first("SELECT * FROM approval WHERE id = ?", this::pending, id);
    }

    List<Pending> open(Tx tx) {
        return tx.query("SELECT * FROM approval WHERE state = 'pending' ORDER BY created_at, id", this::pending);
    }

    /** What was allowed in time and no run has gone on with yet. */
    List<Remembered> unused(Tx tx, Instant now) {
        return tx.query(
                "SELECT * FROM approval WHERE state = 'allowed' AND used = 0 AND expires_at > ? ORDER BY created_at, id",
                row -> new Remembered(pending(row), true, row.text("decided_by")),
                now);
    }

    /** A run goes on with it; it holds no more. */
    void use(Tx tx, String id) {
        tx.update("UPDATE approval SET used = 1 WHERE id = ?", id);
    }

    /** Decisions a person wanted remembered, newest first. */
    List<Remembered> remembered(Tx tx) {
        return tx.query(
                "SELECT * FROM approval WHERE remembered = 1 ORDER BY created_at DESC LIMIT 1000",
                row -> new Remembered(pending(row), allowed(row), row.text("decided_by")));
    }

    boolean forget(Tx tx, String id) {
        return tx.update("UPDATE approval SET remembered = 0 WHERE id = ? AND remembered = 1", id) == 1;
    }

    record Remembered(Pending request, boolean allowed, String by) {}

    /** What a person decided about exactly this and wanted remembered. */
    Optional<Remembered> remembered(Tx tx, String hash) {
        return tx.first(
                "SELECT * FROM approval WHERE hash = ? AND remembered = 1 ORDER BY created_at DESC",
                row -> new Remembered(pending(row), allowed(row), row.text("decided_by")),
                hash);
    }

    /** Whether this run has asked for exactly this before and was not allowed to. */
    boolean deniedBefore(Tx tx, String runId, String hash) {
        return tx.number(
                        "SELECT COUNT(*) FROM approval WHERE run_id = ? AND hash = ? AND state IN ('denied', 'expired')",
                        runId,
                        hash)
                > 0;
    }

    private static boolean allowed(Row row) {
        return "allowed".equals(row.text("state"));
    }

    @SuppressWarnings("unchecked")
    private Pending pending(Row row) {
        Map<String, String> bound = new LinkedHashMap<>();
        ((Map<String, Object>) codec.parseJson(row.text("bound").getBytes(StandardCharsets.UTF_8)))
                .forEach((key, value) -> bound.put(key, String.valueOf(value)));
        Request request = new Request(
                row.text("person"),
                row.text("run_id"),
                row.text("tool"),
                (Map<String, Object>) codec.parseJson(row.text("arguments").getBytes(StandardCharsets.UTF_8)),
                bound,
                row.text("reason"),
                row.flag("anew"));
        return new Pending(
                row.text("id"), request, row.text("hash"), row.instant("created_at"), row.instant("expires_at"));
    }

    private String json(Object value) {
        return new String(codec.json(value), StandardCharsets.UTF_8);
    }

    /** What needs no asking: a person said so for good, or this run was told no. */
    Optional<Answer> known(Tx tx, Request request, String hash) {
        Optional<Remembered> before = remembered(tx, hash);
        if (before.isPresent() && !(before.get().allowed() && request.anew())) {
            return before.map(told -> new Answer(told.request().id(), told.allowed(), told.by(), Optional.empty()));
        }
        return deniedBefore(tx, request.runId(), hash)
                ? Optional.of(new Answer(
                        "", false, "an earlier answer", Optional.of("it was not approved before; do not ask again")))
                : Optional.empty();
    }
}
