package io.koshi.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    @TempDir
    Path data;

    private SqliteStore open() {
        return new SqliteStore(
                new FixedSettings(data), new Database(data.resolve("koshi.db"), 100), Duration.ofDays(1));
    }

    @Test
    void usesTheLogAndSyncsEveryCommit() throws Exception {
        SqliteStore store = open();
        try {
            assertThat(store.<Object>writeNow(tx -> List.of(
                            tx.first("PRAGMA journal_mode", row -> row.text("journal_mode"))
                                    .orElseThrow(),
                            tx.number("PRAGMA synchronous"),
                            tx.number("PRAGMA page_size"),
                            tx.number("PRAGMA busy_timeout"),
                            tx.number("PRAGMA wal_autocheckpoint"))))
                    .isEqualTo(List.of("wal", 2L, (long) Database.PAGE, 100L, 0L));
        } finally {
            store.close();
        }
    }

    @Test
    void saysThatAnotherProcessHoldsTheFile() throws Exception {
        open().close();
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("koshi.db"));
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN EXCLUSIVE");
            assertThatThrownBy(this::open).isInstanceOfSatisfying(KoshiException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
                assertThat(e.getMessage()).contains("another process holds").contains("fuser");
            });
        }
        open().close();
    }

    @Test
    void leavesAForeignFileAsItIs() throws Exception {
        Path file = data.resolve("koshi.db");
        Files.writeString(file, "not a database, but somebody's notes");
        assertThatThrownBy(this::open)
                .hasMessageContaining("damaged")
                .hasMessageContaining("put an earlier copy in its place");
        assertThat(Files.readString(file)).isEqualTo("not a database, but somebody's notes");
        assertThat(Files.list(data)).hasSize(1);
    }

    @Test
    void saysThatAPageIsDamagedWhenItIsRead() throws Exception {
        SqliteStore store = open();
        store.migrate("note", List.of("CREATE TABLE note (text)"));
        store.writeNow(tx -> {
            for (int i = 0; i < 2000; i++) {
                tx.update("INSERT INTO note VALUES (?)", "some text that fills pages " + i);
            }
            return null;
        });
        store.close();
        try (RandomAccessFile file =
                new RandomAccessFile(data.resolve("koshi.db").toFile(), "rw")) {
            for (long page = 4; page * Database.PAGE < file.length(); page++) {
                file.seek(page * Database.PAGE);
                file.write(new byte[64]);
            }
        }
        SqliteStore damaged = open();
        try {
            assertThatThrownBy(() -> damaged.read(tx -> tx.query("SELECT text FROM note", row -> row.text("text"))))
                    .hasMessageContaining("damaged")
                    .hasMessageContaining("keep a copy");
        } finally {
            damaged.close();
        }
    }

    @Test
    void saysThatADirectoryCannotBeWritten() {
        assertThatThrownBy(() -> new Database(data.resolve("missing/koshi.db")).openWriter())
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE));
    }
}
