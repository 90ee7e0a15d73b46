package io.koshi.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ErrorCode;
import io.koshi.api.Health.Report;
import io.koshi.api.Health.Status;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage in the middle of the database or of its log, met at a start, a look, a read, a write and a stop. */
class DamageTest {
    private static final Duration NEVER = Duration.ofDays(1);
    private static final int ROWS = 2000;

    @TempDir
    Path data;

    @TempDir
    Path copy;

    private SqliteStore store;

    @BeforeEach
    void fill() {
        store = open(data, NEVER);
        store.migrate("note", List.of("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE)"));
        store.writeNow(tx -> {
            for (int i = 0; i < ROWS; i++) {
                tx.insert("INSERT INTO note (text) VALUES (?)", "some text that fills pages " + i);
            }
            return null;
        });
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static SqliteStore open(Path at, Duration lookedAfter) {
        return new SqliteStore(new FixedSettings(at), new Database(at.resolve("koshi.db"), 100), lookedAfter);
    }

    private void reopen(Duration lookedAfter) {
        store = open(data, lookedAfter);
    }

    private void add(SqliteStore to, String text) {
        to.writeNow(tx -> tx.insert("INSERT INTO note (text) VALUES (?)", text));
    }

    private void scribble(Path file, long from, long to) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (long at = from; at < Math.min(to, bytes.length()); at += Database.PAGE) {
                bytes.seek(at);
                bytes.write(new byte[] {13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73});
            }
        }
    }

    /** Damages all but the tables' list and what a start writes to. */
    private void scribbleInTheMiddle() throws IOException {
        scribble(data.resolve("koshi.db"), 6L * Database.PAGE, Long.MAX_VALUE);
    }

    /** Copies what a kill after ten commits would leave: a log that holds them, and nothing that is older. */
    private void killAfterTenCommits() throws Exception {
        store.close();
        reopen(NEVER);
        try (Connection reader = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("koshi.db"))) {
            reader.setAutoCommit(false); // the log is moved a second after a write; not while somebody reads
            reader.createStatement().executeQuery("SELECT count(*) FROM note");
            for (int i = 0; i < 10; i++) {
                add(store, "acknowledged " + i);
            }
            for (String name : List.of("koshi.db", "koshi.db-wal")) {
                Files.copy(data.resolve(name), copy.resolve(name));
            }
        }
    }

    @Test
    void saysThatAnUndamagedFileIsSound() {
        store.close();
        reopen(Duration.ZERO);

        await().until(() -> "sound".equals(store.health().data().get("soundness")));

        assertThat(store.health().status()).isEqualTo(Status.HEALTHY);
        assertThat(store.health().data()).containsKey("lookedAt");
    }

    @Test
    void findsDamageThatNobodyReadsAndTakesNothingMoreIn() throws Exception {
        store.close();
        scribbleInTheMiddle();
        reopen(Duration.ZERO);

        await().until(() -> store.health().status() == Status.UNHEALTHY);

        Report health = store.health();
        assertThat(health.message().orElseThrow()).contains("is damaged", "keep a copy", "earlier copy");
        assertThat(health.data()).containsEntry("soundness", "damaged");
        assertThatThrownBy(() -> add(store, "after"))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE))
                .hasMessageContaining("is damaged");
    }

    @Test
    void findsAnIndexThatDoesNotFitItsRows() throws Exception {
        store.writeNow(tx -> {
            tx.update("PRAGMA writable_schema=ON");
            tx.update("UPDATE sqlite_schema SET sql = replace(sql, 'id INTEGER PRIMARY KEY, text TEXT UNIQUE',"
                    + " 'id INTEGER PRIMARY KEY, text TEXT UNIQUE COLLATE NOCASE') WHERE name = 'note'");
            return null;
        });
        add(store, "Zed"); // before the others for the index as it is, behind them for what it says it is
        store.close();
        reopen(Duration.ZERO);

        await().until(() -> !"not yet looked at".equals(store.health().data().get("soundness")));

        assertThat(store.health().data()).containsEntry("soundness", "damaged");
    }

    @Test
    void refusesWritesOnceAReadHasMetDamageAndStillReadsWhatIsGood() throws Exception {
        store.close();
        scribbleInTheMiddle();
        reopen(NEVER);
        store.writeNow(tx -> tx.update("UPDATE koshi_migration SET at = at + 1"));

        assertThatThrownBy(() -> store.read(tx -> tx.query("SELECT text FROM note", row -> row.text("text"))))
                .hasMessageContaining("is damaged");

        assertThat(store.health().status()).isEqualTo(Status.UNHEALTHY);
        assertThatThrownBy(() -> add(store, "after")).hasMessageContaining("is damaged");
        assertThat(store.<Long>read(tx -> tx.number("SELECT count(*) FROM koshi_migration")))
                .isEqualTo(1);
    }

    @Test
    void acknowledgesNothingOfAGroupThatMeetsDamage() throws Exception {
        store.close();
        scribbleInTheMiddle();
        reopen(NEVER);

        assertThatThrownBy(() -> store.writeNow(tx -> tx.update("UPDATE note SET text = text || '!'")))
                .hasMessageContaining("is damaged");

        assertThat(store.health().status()).isEqualTo(Status.UNHEALTHY);
        assertThatThrownBy(() -> add(store, "after")).hasMessageContaining("is damaged");
    }

    @Test
    void leavesTheLogBesideADamagedFile() throws Exception {
        store.close();
        scribbleInTheMiddle();
        reopen(NEVER);
        store.writeNow(tx -> tx.update("UPDATE koshi_migration SET at = at + 1"));
        assertThatThrownBy(() -> store.read(tx -> tx.query("SELECT text FROM note", row -> row.text("text"))))
                .isInstanceOf(KoshiException.class);
        byte[] file = Files.readAllBytes(data.resolve("koshi.db"));
        byte[] log = Files.readAllBytes(data.resolve("koshi.db-wal"));

        store.close();

        assertThat(log).isNotEmpty();
        assertThat(data.resolve("koshi.db")).hasBinaryContent(file);
        assertThat(data.resolve("koshi.db-wal")).hasBinaryContent(log);
    }

    @Test
    void refusesTheNextStartUntilAGoodCopyIsInPlace() throws Exception {
        store.close();
        byte[] good = Files.readAllBytes(data.resolve("koshi.db"));
        scribbleInTheMiddle();
        reopen(Duration.ZERO);
        await().until(() -> store.health().status() == Status.UNHEALTHY);
        store.close();

        assertThatThrownBy(() -> open(data, NEVER)).hasMessageContaining("is damaged");

        Files.write(data.resolve("koshi.db"), good);
        Files.deleteIfExists(data.resolve("koshi.db-wal"));
        reopen(NEVER);
        add(store, "after");
        assertThat(data.resolve("koshi.db-damaged")).doesNotExist();
    }

    @Test
    void refusesToDropCommitsBehindDamageInTheLog() throws Exception {
        killAfterTenCommits();
        Path log = copy.resolve("koshi.db-wal");
        long middle = frame(Files.size(log) / Database.PAGE / 2);
        try (RandomAccessFile bytes = new RandomAccessFile(log.toFile(), "rw")) {
            bytes.seek(middle + 1000);
            bytes.write(new byte[] {1, 2, 3});
        }
        byte[] before = Files.readAllBytes(log);

        assertThatThrownBy(() -> open(copy, NEVER))
                .hasMessageContaining("koshi.db-wal is damaged")
                .hasMessageContaining("truncate -s " + middle + " " + log);

        assertThat(log).hasBinaryContent(before);
        try (RandomAccessFile bytes = new RandomAccessFile(log.toFile(), "rw")) {
            bytes.setLength(middle);
        }
        open(copy, NEVER).close();
    }

    @Test
    void refusesALogWhoseHeadIsDamaged() throws Exception {
        killAfterTenCommits();
        scribble(copy.resolve("koshi.db-wal"), 0, 1);

        assertThatThrownBy(() -> open(copy, NEVER)).hasMessageContaining("koshi.db-wal is damaged 0 bytes");
    }

    @Test
    void dropsACommitThatWasNeverWhole() throws Exception {
        killAfterTenCommits();
        Path log = copy.resolve("koshi.db-wal");
        long last = frame((Files.size(log) - 32) / (Database.PAGE + 24) - 1);
        try (RandomAccessFile bytes = new RandomAccessFile(log.toFile(), "rw")) {
            bytes.seek(last + 1000);
            bytes.write(new byte[] {1, 2, 3});
        }

        SqliteStore other = open(copy, NEVER);
        try {
            assertThat(other.<Long>read(tx -> tx.number("SELECT count(*) FROM note")))
                    .isEqualTo(ROWS + 9L);
        } finally {
            other.close();
        }
    }

    private static long frame(long index) {
        return 32 + index * (Database.PAGE + 24);
    }
}
