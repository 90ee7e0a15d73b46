package io.koshi.service.files;

import io.koshi.api.Trust;
import io.koshi.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Remembers, by SHA-256, what runs wrote that had read untrusted text, so that reading it back is no way around. Thread-safe. */
final class Tainted {
    private static final Duration KEPT = Duration.ofDays(365);

    private static final List<String> STEPS = List.of("""
            CREATE TABLE files_tainted (
              sha256 TEXT PRIMARY KEY,
              at INTEGER NOT NULL
            ) WITHOUT ROWID
            """);

    private final Store store;

    Tainted(Store store) {
        this.store = store;
        store.migrate("files", STEPS);
    }

    boolean has(String sha256) {
        return store.read(tx -> tx.number("SELECT count(*) FROM files_tainted WHERE sha256 = ?", sha256)) > 0;
    }

    /** Durable when it returns, which must be before the file is there. */
    void add(String sha256) {
        Instant now = Instant.now();
        store.writeNow(tx -> {
            tx.update("DELETE FROM files_tainted WHERE at < ?", now.minus(KEPT));
            return tx.update("INSERT OR REPLACE INTO files_tainted (sha256, at) VALUES (?, ?)", sha256, now);
        });
    }

    /** How far content is trusted where the settings say {@code usual}. */
    Trust trust(byte[] content, Trust usual) {
        return usual == Trust.LOW || has(Words.sha256(content)) ? Trust.LOW : usual;
    }
}
