package io.koshi.outbox.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.Part;
import io.koshi.api.Receipt;
import io.koshi.api.Reply;
import io.koshi.codec.Codec;
import io.koshi.store.Row;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The table of replies and every statement on it. A reply is pending, sending, then sent or dead; {@code
 * n} is its place in its conversation's queue. Stateless but for the codec; thread-safe.
 */
final class Ledger {
    static final String ROOM = "outbox";

    static final List<String> STEPS = List.of("""
            CREATE TABLE reply (
              n            INTEGER PRIMARY KEY AUTOINCREMENT,
              id           TEXT NOT NULL UNIQUE,
              channel      TEXT NOT NULL,
              conversation TEXT NOT NULL,
              parts        BLOB NOT NULL,
              in_reply_to  TEXT,
              run_id       TEXT,
              state        TEXT NOT NULL,
              attempts     INTEGER NOT NULL DEFAULT 0,
              duplicate    INTEGER NOT NULL DEFAULT 0,
              cut_off      INTEGER NOT NULL DEFAULT 0,
              created_at   INTEGER NOT NULL,
              expires_at   INTEGER NOT NULL,
              next_at      INTEGER NOT NULL DEFAULT 0,
              sending_at   INTEGER,
              ended_at     INTEGER,
              status       TEXT,
              platform_id  TEXT,
              error_code   TEXT,
              error        TEXT
            )
            ;
            CREATE INDEX reply_open ON reply (channel, conversation, n) WHERE state IN ('pending', 'sending')
            ;
            CREATE INDEX reply_dead ON reply (n) WHERE state = 'dead'
            ;
            CREATE INDEX reply_ended ON reply (ended_at) WHERE ended_at IS NOT NULL
            ;
            CREATE INDEX reply_message ON reply (in_reply_to) WHERE in_reply_to IS NOT NULL
            """);

    /**
     * Kills in the middle of sending one reply before it is given up. Giving it up at the second was tried: a storm of
     * kills lost replies that way which no platform had seen, as a kill may fall between our commit and the first byte.
     */
    static final int MOST_CUT_OFF = 5;

    private static final String OPEN = "state IN ('pending', 'sending')";
    private static final int MAX_ERROR = 500;

    private final Codec codec;

    Ledger(Codec codec) {
        this.codec = codec;
    }

    /** How parts lie in the table. */
    record Parts(List<Part> parts) {}

    /** A reply as the table has it. */
    record Line(
            long n,
            String id,
            Address to,
            List<Part> parts,
            Optional<String> inReplyTo,
            int attempts,
            boolean duplicate,
            Instant expiresAt,
            Instant nextAt) {
        Reply reply() {
            return new Reply(id, to, parts, inReplyTo, expiresAt, attempts, duplicate);
        }
    }

    /** What a conversation's first open reply wants done. */
    sealed interface Claim {
        /** Nothing waits. */
        record Idle() implements Claim {}

        /** It is to be tried again, but not yet. */
        record Later(Instant at) implements Claim {}

        /** It is too old and was made a dead letter. */
        record Expired(Line line) implements Claim {}

        /** It was marked as being sent; its {@code attempts} counts this one. */
        record Send(Line line) implements Claim {}
    }

    long insert(
            Tx tx,
            String id,
            Address to,
            List<Part> parts,
            Optional<String> inReplyTo,
            Optional<String> runId,
            Instant now,
            Instant expiresAt) {
        return tx.insert(
                "INSERT INTO reply (id, channel, conversation, parts, in_reply_to, run_id, state, created_at, expires_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, 'pending', ?, ?)",
                id,
                to.channel(),
                to.conversation(),
                codec.cbor(new Parts(parts)),
                inReplyTo,
                runId,
                now,
                expiresAt);
    }

    /** Takes a conversation's first open reply in hand; what is returned is true after the commit. */
    Claim claim(Tx tx, Address to, Instant now) {
        Optional<Line> head = tx.first(
                "SELECT * FROM reply WHERE channel = ? AND conversation = ? AND " + OPEN + " ORDER BY n LIMIT 1",
                this::line,
                to.channel(),
                to.conversation());
        if (head.isEmpty()) {
            return new Claim.Idle();
        }
        Line line = head.get();
        if (!line.expiresAt().isAfter(now)) {
            dead(tx, line.id(), ErrorCode.TIMEOUT, expired(line), now);
            return new Claim.Expired(line);
        }
        if (line.nextAt().isAfter(now)) {
            return new Claim.Later(line.nextAt());
        }
        tx.update(
                "UPDATE reply SET state = 'sending', attempts = attempts + 1, sending_at = ? WHERE id = ?",
                now,
                line.id());
        return new Claim.Send(new Line(
                line.n(),
                line.id(),
                to,
                line.parts(),
                line.inReplyTo(),
                line.attempts() + 1,
                line.duplicate(),
                line.expiresAt(),
                line.nextAt()));
    }

    static String expired(Line line) {
        return "it could not be sent before it expired at " + line.expiresAt() + "; redrive it to send it all the same";
    }

    void sent(Tx tx, String id, Receipt receipt, Instant now) {
        tx.update(
                "UPDATE reply SET state = 'sent', status = ?, platform_id = ?, ended_at = ?, error_code = NULL, error = NULL"
                        + " WHERE id = ?",
                receipt.status(),
                receipt.platformId(),
                now,
                id);
    }

    void retry(Tx tx, String id, ErrorCode code, String error, boolean duplicate, Instant nextAt) {
        tx.update(
                "UPDATE reply SET state = 'pending', duplicate = max(duplicate, ?), next_at = ?, error_code = ?, error = ?"
                        + " WHERE id = ?",
                duplicate,
                nextAt,
                code.name(),
                cut(error),
                id);
    }

    void dead(Tx tx, String id, ErrorCode code, String error, Instant now) {
        tx.update(
                "UPDATE reply SET state = 'dead', ended_at = ?, error_code = ?, error = ? WHERE id = ?",
                now,
                code.name(),
                cut(error),
                id);
    }

    private static String cut(String error) {
        return error.length() > MAX_ERROR ? error.substring(0, MAX_ERROR) : error;
    }

    /**
     * Deals with replies that a stop cut off while they were being sent: each is tried once more, marked as
     * a possible duplicate. One that was cut off {@value #MOST_CUT_OFF} times becomes a dead letter, so that a hub
     * that dies again and again cannot flood a platform.
     *
     * @return those that became dead letters
     */
    List<Line> recover(Tx tx, Instant now, String error) {
        List<Line> given = tx.query(
                "SELECT * FROM reply WHERE state = 'sending' AND " + OPEN + " AND cut_off >= ?",
                this::line,
                MOST_CUT_OFF - 1);
        for (Line line : given) {
            dead(tx, line.id(), ErrorCode.INTERNAL, error, now);
        }
        tx.update("UPDATE reply SET state = 'pending', duplicate = 1, cut_off = cut_off + 1, next_at = 0"
                + " WHERE state = 'sending' AND " + OPEN);
        return given;
    }

    /** Every conversation that has a reply open. */
    List<Address> open(Tx tx) {
        return tx.query("SELECT DISTINCT channel, conversation FROM reply WHERE " + OPEN, Ledger::address);
    }

    /** The newest reply's place; 0 when there is none. */
    long newest(Tx tx) {
        return tx.number("SELECT coalesce(max(n), 0) FROM reply");
    }

    /** A channel's replies need not wait for their next try any longer: it has come back. */
    void hurry(Tx tx, String channel) {
        tx.update(
                "UPDATE reply SET next_at = 0 WHERE channel = ? AND " + OPEN + " AND state = 'pending' AND next_at > 0",
                channel);
    }

    /** Waiting replies that are past their time become dead letters, at most {@code limit} of them. */
    List<Line> expire(Tx tx, Instant now, int limit) {
        List<Line> late = tx.query(
                "SELECT * FROM reply WHERE " + OPEN + " AND state = 'pending' AND expires_at <= ? LIMIT ?",
                this::line,
                now,
                limit);
        late.forEach(line -> dead(tx, line.id(), ErrorCode.TIMEOUT, expired(line), now));
        return late;
    }

    /** When the next waiting reply expires. */
    Optional<Instant> nextExpiry(Tx tx) {
        long at = tx.number("SELECT coalesce(min(expires_at), 0) FROM reply WHERE " + OPEN + " AND state = 'pending'");
        return at == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(at));
    }

    /** Forgets what ended before a time, at most {@code limit} of it; returns how many. */
    int prune(Tx tx, Instant before, int limit) {
        return tx.update(
                "DELETE FROM reply WHERE n IN (SELECT n FROM reply WHERE ended_at IS NOT NULL AND ended_at < ? LIMIT ?)",
                before,
                limit);
    }

    /** A dead letter, for a person. */
    record Dead(long n, String id, Address to, String code, String error, int attempts, Instant at) {}

    List<Dead> dead(Tx tx, long after, int limit) {
        return tx.query(
                "SELECT * FROM reply WHERE state = 'dead' AND n > ? ORDER BY n LIMIT ?",
                row -> new Dead(
                        row.number("n"),
                        row.text("id"),
                        address(row),
                        row.text("error_code"),
                        row.text("error"),
                        (int) row.number("attempts"),
                        row.instant("ended_at")),
                after,
                limit);
    }

    /** Makes a dead letter wait again; empty when the id is none's. */
    Optional<Address> redrive(Tx tx, String id, Instant expiresAt) {
        Optional<Address> to = tx.first(
                "SELECT channel, conversation FROM reply WHERE id = ? AND state = 'dead'", Ledger::address, id);
        if (to.isPresent()) {
            tx.update(
                    "UPDATE reply SET state = 'pending', attempts = 0, cut_off = 0, next_at = 0, ended_at = NULL,"
                            + " duplicate = max(duplicate, attempts > 0), expires_at = ? WHERE id = ?",
                    expiresAt,
                    id);
        }
        return to;
    }

    long countOpen(Tx tx) {
        return tx.number("SELECT count(*) FROM reply WHERE " + OPEN);
    }

    long countDead(Tx tx) {
        return tx.number("SELECT count(*) FROM reply WHERE state = 'dead'");
    }

    /** What is known of a reply's way. */
    record Trail(
            String id,
            String state,
            int attempts,
            boolean duplicate,
            Instant createdAt,
            Instant sendingAt,
            Instant endedAt,
            String platformId,
            String status,
            String error) {}

    List<Trail> trails(Tx tx, String messageId) {
        return tx.query(
                "SELECT * FROM reply WHERE in_reply_to = ? UNION SELECT * FROM reply WHERE id = ? ORDER BY n",
                row -> new Trail(
                        row.text("id"),
                        row.text("state"),
                        (int) row.number("attempts"),
                        row.flag("duplicate"),
                        row.instant("created_at"),
                        row.instant("sending_at"),
                        row.instant("ended_at"),
                        row.text("platform_id"),
                        row.text("status"),
                        row.text("error")),
                messageId,
                messageId);
    }

    /** The message a reply answers, or the reply itself where it answers none. */
    Optional<String> messageOf(Tx tx, String replyId) {
        return tx.first(
                "SELECT coalesce(in_reply_to, id) AS message FROM reply WHERE id = ?",
                row -> row.text("message"),
                replyId);
    }

    private Line line(Row row) {
        return new Line(
                row.number("n"),
                row.text("id"),
                address(row),
                codec.fromData(codec.parseCbor(row.bytes("parts")), Parts.class).parts(),
                row.optional("in_reply_to"),
                (int) row.number("attempts"),
                row.flag("duplicate"),
                row.instant("expires_at"),
                row.instant("next_at"));
    }

    private static Address address(Row row) {
        return Address.of(row.text("channel"), row.text("conversation"));
    }
}
