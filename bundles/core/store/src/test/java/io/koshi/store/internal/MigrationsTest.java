package io.koshi.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.KoshiException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationsTest {
    private static final String FIRST = "CREATE TABLE a (x);\n;\nCREATE TABLE b (x)";
    private static final String SECOND = "ALTER TABLE a ADD COLUMN y DEFAULT 7";

    @TempDir
    Path data;

    private SqliteStore store;

    @BeforeEach
    void open() {
        store = new SqliteStore(new FixedSettings(data));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void appliesOnlyWhatIsNew() {
        store.migrate("room", List.of(FIRST));
        store.writeNow(tx -> tx.update("INSERT INTO a VALUES (1)"));
        assertThat(store.<List<Long>>read(tx -> tx.query("SELECT * FROM a", row -> row.number("x"))))
                .containsExactly(1L);
        store.migrate("room", List.of(FIRST, SECOND));
        store.migrate("room", List.of(FIRST, SECOND));

        assertThat(store.<List<Long>>read(tx -> tx.query("SELECT * FROM a", row -> row.number("y"))))
                .containsExactly(7L);
    }

    @Test
    void refusesAStepThatWasChanged() {
        store.migrate("room", List.of(FIRST));
        assertThatThrownBy(() -> store.migrate("room", List.of(SECOND)))
                .isInstanceOf(KoshiException.class)
                .hasMessageContaining("step 1 of the tables of 'room' was changed");
    }

    @Test
    void refusesADatabaseThatIsNewer() {
        store.migrate("room", List.of(FIRST, SECOND));
        assertThatThrownBy(() -> store.migrate("room", List.of(FIRST)))
                .hasMessageContaining("newer Koshi")
                .hasMessageContaining("a copy of data/");
    }

    @Test
    void keepsNothingOfAStepThatFails() {
        assertThatThrownBy(() -> store.migrate("room", List.of(FIRST, "CREATE TABLE c (x)\n;\nCREATE TABLE a (x)")))
                .isInstanceOf(KoshiException.class);
        assertThat(store.<Long>read(tx -> tx.number("SELECT count(*) FROM sqlite_schema WHERE name = 'c'")))
                .isZero();
        store.migrate("room", List.of(FIRST, SECOND));
    }
}
