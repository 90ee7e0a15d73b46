package io.koshi.rest.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Requests with an {@code Idempotency-Key} (draft-ietf-httpapi-idempotency-key-header): the key is on disk before the
 * method is called, its answer after, and the same request again within 24 h gets that answer. A key that a crash left
 * without one says so: whether the method was done cannot be known here. Thread-safe.
 */
final class Once {
    static final Duration KEPT = Duration.ofHours(24);
    private static final int LONGEST_KEY = 255;
    private static final int LARGEST_ANSWER = 256 << 10;
    private static final int MOST = 100_000;
    private static final List<String> STEPS = List.of("""
            CREATE TABLE request_key (
              id INTEGER PRIMARY KEY,
              caller TEXT NOT NULL,
              key TEXT NOT NULL,
              digest BLOB NOT NULL,
              epoch TEXT NOT NULL,
              status INTEGER,
              answer BLOB,
              at INTEGER NOT NULL,
              UNIQUE (caller, key)
            )
            ;
            CREATE INDEX request_key_age ON request_key (at)
            """);

    private final Store store;
    private final InstantSource clock;
    private final String epoch;

    /** A request that is the first with its key, or the answer of the one that was. */
    record Claim(long id, Optional<Answer.Document> before) {}

    /** @param epoch of this start of the hub */
    Once(Store store, InstantSource clock, String epoch) {
        this.store = store;
        this.clock = clock;
        this.epoch = epoch;
        store.migrate("rest", STEPS);
    }

    /**
     * Durable when it returns.
     *
     * @param caller whose key it is; another's with the same key is another
     * @param method and body: what was asked
     * @throws KoshiException CONFLICT when another request had the key, or the first is not answered yet; OVERLOADED
     *     when there are too many
     */
    Claim claim(String caller, String key, String method, byte[] body) {
        if (key.isBlank() || key.length() > LONGEST_KEY) {
            throw KoshiException.invalid("", "an Idempotency-Key has 1 to " + LONGEST_KEY + " characters");
        }
        byte[] digest = digest(method, body);
        Instant now = clock.instant();
        return store.writeNow(tx -> {
            tx.update("DELETE FROM request_key WHERE at < ?", now.minus(KEPT));
            Optional<Claim> known = tx.first(
                    "SELECT * FROM request_key WHERE caller = ? AND key = ?", row -> again(row, digest), caller, key);
            return known.orElseGet(() -> new Claim(first(tx, caller, key, digest, now), Optional.empty()));
        });
    }

    /** Keeps the answer; durable when it completes. What was surely not done gives the key free. */
    CompletableFuture<Integer> answered(long id, int status, byte[] json) {
        if (status == ErrorCode.OVERLOADED.httpStatus()) {
            return store.write(tx -> tx.update("DELETE FROM request_key WHERE id = ?", id));
        }
        byte[] kept = json.length <= LARGEST_ANSWER ? json : null;
        return store.write(
                tx -> tx.update("UPDATE request_key SET status = ?, answer = ? WHERE id = ?", status, kept, id));
    }

    private long first(Tx tx, String caller, String key, byte[] digest, Instant now) {
        if (tx.number("SELECT count(*) FROM request_key") >= MOST) {
            throw KoshiException.overloaded("too many keys are kept; try again later", Duration.ofMinutes(1));
        }
        return tx.insert(
                "INSERT INTO request_key (caller, key, digest, epoch, at) VALUES (?, ?, ?, ?, ?)",
                caller,
                key,
                digest,
                epoch,
                now);
    }

    private Claim again(Row row, byte[] digest) {
        if (!MessageDigest.isEqual(row.bytes("digest"), digest)) {
            throw new KoshiException(
                    ErrorCode.CONFLICT, "this Idempotency-Key was used for another request; use a new one");
        }
        if (row.isNull("status")) {
            throw new KoshiException(
                    ErrorCode.CONFLICT,
                    row.text("epoch").equals(epoch)
                            ? "the first request with this Idempotency-Key is not answered yet; try again"
                            : "the hub was started anew before the first request with this Idempotency-Key was"
                                    + " answered; look whether it was done, then use a new key");
        }
        if (row.isNull("answer")) {
            throw new KoshiException(
                    ErrorCode.CONFLICT,
                    "the first request with this Idempotency-Key was answered with " + row.number("status")
                            + " and more than can be kept");
        }
        return new Claim(
                row.number("id"),
                Optional.of(
                        new Answer.Document((int) row.number("status"), row.bytes("answer"), OptionalLong.empty())));
    }

    private static byte[] digest(String method, byte[] body) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(method.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return sha.digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
