package io.koshi.store.internal;

import io.koshi.api.KoshiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers that the database was found damaged: from then on nothing is written to it.
 *
 * <p>To go on writing could put a new page over a good one. What was found stays in a file beside the database, so that
 * the next start looks at all of it before it is used, however large it is. Thread-safe.
 */
final class Damage {
    private static final Logger LOG = LoggerFactory.getLogger(Damage.class);

    private final Path file;
    private final AtomicReference<KoshiException> found = new AtomicReference<>();

    Damage(Path file) {
        this.file = file;
    }

    /** What was found first, null while nothing was. */
    KoshiException found() {
        return found.get();
    }

    /** What a failure of SQL means for the hub; damage is remembered. */
    KoshiException explain(SQLException e) {
        KoshiException failure = SqlFailures.explain(e, file);
        if (SqlFailures.isDamage(e)) {
            remember(failure);
        }
        return failure;
    }

    /** Remembers what a look through the file said, in SQLite's words. */
    KoshiException found(String words) {
        KoshiException failure = SqlFailures.damaged(file, new SQLException(words));
        remember(failure);
        return failure;
    }

    /** Whether an earlier run found damage that no look has found gone since. */
    boolean suspected() {
        return Files.exists(note());
    }

    /** Says that all of the file was looked at and is sound. */
    void gone() {
        try {
            Files.deleteIfExists(note());
        } catch (IOException e) {
            LOG.warn("{} stays, so the next start looks through the database again: {}", note(), e.getMessage());
        }
    }

    private void remember(KoshiException failure) {
        if (!found.compareAndSet(null, failure)) {
            return;
        }
        String words = failure.getCause() == null ? "" : failure.getCause().getMessage();
        LOG.error("Nothing more is written: {} ({})", failure.getMessage(), words);
        try {
            Files.writeString(note(), failure.getMessage() + "\n" + words + "\n");
        } catch (IOException e) {
            LOG.warn("{} could not be written: {}", note(), e.getMessage());
        }
        StartRefusal.whileStarting(failure);
    }

    private Path note() {
        return file.resolveSibling(file.getFileName() + "-damaged");
    }
}
