package io.koshi.model.command;

import io.koshi.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which of a program's own conversations goes on which of the hub's; durable. Thread-safe. */
final class CommandSessions {
    private static final Duration KEPT = Duration.ofDays(30);

    private static final List<String> STEPS = List.of("""
            CREATE TABLE command_session (
              model TEXT NOT NULL,
              session_key TEXT NOT NULL,
              id TEXT NOT NULL,
              answer TEXT NOT NULL,
              at INTEGER NOT NULL,
              PRIMARY KEY (model, session_key)
            )
            ;
            CREATE INDEX command_session_at ON command_session (at)
            """);

    private final Store store;
    private final String model;

    CommandSessions(Store store, String model) {
        this.store = store;
        this.model = model;
        store.migrate("command", STEPS);
    }

    /**
     * @param id the program's name of its conversation
     * @param answer the mark of the last answer it gave there
     */
    record Kept(String id, String answer) {}

    Optional<Kept> find(String sessionKey) {
        return store.read(tx -> tx.first(
                "SELECT id, answer FROM command_session WHERE model = ? AND session_key = ?",
                row -> new Kept(row.text("id"), row.text("answer")),
                model,
                sessionKey));
    }

    /** Returns when it is on disk; those not used for 30 days go. */
    void put(String sessionKey, Kept kept) {
        Instant now = Instant.now();
        store.writeNow(tx -> {
            tx.update("DELETE FROM command_session WHERE at < ?", now.minus(KEPT));
            return tx.update(
                    "INSERT INTO command_session (model, session_key, id, answer, at) VALUES (?, ?, ?, ?, ?)"
                            + " ON CONFLICT (model, session_key) DO UPDATE SET id = excluded.id,"
                            + " answer = excluded.answer, at = excluded.at",
                    model,
                    sessionKey,
                    kept.id(),
                    kept.answer(),
                    now);
        });
    }

    void forget(String sessionKey) {
        store.writeNow(
                tx -> tx.update("DELETE FROM command_session WHERE model = ? AND session_key = ?", model, sessionKey));
    }
}
