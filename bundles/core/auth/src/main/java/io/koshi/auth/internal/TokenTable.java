package io.koshi.auth.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.store.Row;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tokens that were given away, read from the database when the first guest shows one and kept beside it from
 * then on. A token is {@code koshi_<id>_<secret>}: found by its id, told by its digest in constant time. Thread-safe.
 */
final class TokenTable {
    static final List<String> STEPS = List.of("""
            CREATE TABLE token (
              id TEXT PRIMARY KEY,
              name TEXT NOT NULL UNIQUE,
              digest BLOB NOT NULL,
              scopes TEXT NOT NULL,
              created_at INTEGER NOT NULL,
              created_by TEXT NOT NULL,
              expires_at INTEGER
            ) WITHOUT ROWID
            """);

    private static final String PREFIX = "koshi_";
    private static final int MOST = 1000;

    private final Store store;
    private final InstantSource clock;
    private volatile Map<String, Token> known; // by id

    TokenTable(Store store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        store.migrate("auth", STEPS);
    }

    /** The token that reads like this, if it is one and holds. */
    Optional<Token> find(String text) {
        if (!text.startsWith(PREFIX)) {
            return Optional.empty();
        }
        int end = text.indexOf('_', PREFIX.length());
        Token token = end < 0 ? null : all().get(text.substring(PREFIX.length(), end));
        byte[] digest = Secrets.sha256(text);
        return token != null && MessageDigest.isEqual(token.digest(), digest) && token.holdsAt(clock.instant())
                ? Optional.of(token)
                : Optional.empty();
    }

    /** Whether a token with this id is there and has not expired. */
    boolean holds(String id) {
        Token token = all().get(id);
        return token != null && token.holdsAt(clock.instant());
    }

    /** By name; those that have expired too. */
    List<Token> list() {
        return all().values().stream().sorted(Comparator.comparing(Token::name)).toList();
    }

    /** @throws KoshiException NOT_FOUND */
    Token named(String name) {
        return all().values().stream()
                .filter(token -> token.name().equals(name))
                .findFirst()
                .orElseThrow(() -> KoshiException.notFound("no token is named '" + name + "'; token.list shows them"));
    }

    Optional<Token> byId(String id) {
        return Optional.ofNullable(all().get(id));
    }

    /** @throws KoshiException CONFLICT when the name is taken or there are too many */
    synchronized Token.Fresh create(String name, Set<String> scopes, String by, Optional<Instant> expiresAt) {
        Map<String, Token> all = all();
        if (all.values().stream().anyMatch(token -> token.name().equals(name))) {
            throw new KoshiException(
                    ErrorCode.CONFLICT, "a token named '" + name + "' is there; rotate or revoke it, or choose a name");
        }
        if (all.size() >= MOST) {
            throw new KoshiException(ErrorCode.CONFLICT, "there are " + MOST + " tokens; revoke some first");
        }
        Token.Fresh fresh = fresh(name, scopes, by, expiresAt);
        store.writeNow(tx -> insert(tx, fresh.token()));
        all.put(fresh.token().id(), fresh.token());
        return fresh;
    }

    /** A new secret under the old name, scopes and expiry; the old one holds no more. */
    synchronized Token.Fresh rotate(Token old) {
        Token.Fresh fresh = fresh(old.name(), old.scopes(), old.createdBy(), old.expiresAt());
        store.writeNow(tx -> {
            if (tx.update("DELETE FROM token WHERE id = ?", old.id()) == 0) {
                throw gone(old);
            }
            return insert(tx, fresh.token());
        });
        all().put(fresh.token().id(), fresh.token());
        all().remove(old.id());
        return fresh;
    }

    synchronized void revoke(Token token) {
        if (store.writeNow(tx -> tx.update("DELETE FROM token WHERE id = ?", token.id())) == 0) {
            throw gone(token);
        }
        all().remove(token.id());
    }

    private static KoshiException gone(Token token) {
        return new KoshiException(
                ErrorCode.CONFLICT, "the token '" + token.name() + "' was changed just now; look and try again");
    }

    private Token.Fresh fresh(String name, Set<String> scopes, String by, Optional<Instant> expiresAt) {
        String id = Ulid.next();
        String secret = PREFIX + id + "_" + Secrets.next();
        Instant now = Instant.ofEpochMilli(clock.millis());
        return new Token.Fresh(new Token(id, name, Secrets.sha256(secret), scopes, now, by, expiresAt), secret);
    }

    private static int insert(Tx tx, Token token) {
        return tx.update(
                "INSERT INTO token (id, name, digest, scopes, created_at, created_by, expires_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                token.id(),
                token.name(),
                token.digest(),
                String.join(" ", new TreeSet<>(token.scopes())),
                token.createdAt(),
                token.createdBy(),
                token.expiresAt());
    }

    private Map<String, Token> all() {
        Map<String, Token> now = known;
        return now == null ? load() : now;
    }

    private synchronized Map<String, Token> load() {
        if (known == null) {
            Map<String, Token> all = new ConcurrentHashMap<>();
            store.read(tx -> tx.query("SELECT * FROM token", TokenTable::token))
                    .forEach(token -> all.put(token.id(), token));
            known = all;
        }
        return known;
    }

    private static Token token(Row row) {
        return new Token(
                row.text("id"),
                row.text("name"),
                row.bytes("digest"),
                Set.of(row.text("scopes").split(" ")),
                row.instant("created_at"),
                row.text("created_by"),
                Optional.ofNullable(row.instant("expires_at")));
    }
}
