package io.koshi.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.memory.Memories.Memory;
import io.koshi.memory.Memories.Note;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is lost or wrong in the tables comes back from the log. */
class RebuildTest {
    @TempDir
    Path folder;

    private Room room;
    private Recollection memories;

    @BeforeEach
    void open() {
        room = new Room(folder);
        memories = room.recollection();
    }

    @AfterEach
    void close() {
        room.close();
    }

    @Test
    void whatTheTablesLostComesBackFromTheLog() {
        liveThroughALot(11);
        List<String> before = rows();
        assertThat(memories.rebuild(false).sound()).isTrue();
        assertThat(rows()).isEqualTo(before);

        room.sqlite.writeNow(tx -> {
            tx.update("DELETE FROM memory WHERE id % 3 = 0");
            tx.update(
                    "UPDATE memory SET content = 'garbled ' || id, sameness = 'garbled ' || id, score = 99 WHERE id % 3 = 1");
            tx.update("DELETE FROM memory_archive");
            return null;
        });
        Rebuild.Found found = memories.rebuild(false);
        assertThat(found.missing()).isPositive();
        assertThat(found.different()).isPositive();
        assertThat(found.mended()).isFalse();
        assertThat(rows()).as("a look changes nothing").isNotEqualTo(before);

        assertThat(found.wrong())
                .filteredOn(wrong -> wrong.fault() == Rebuild.Fault.DIFFERENT)
                .hasSize((int) found.different())
                .allMatch(wrong -> wrong.id() % 3 == 1 && wrong.fields().equals(List.of("content", "score")));

        Rebuild.Found mended = memories.rebuild(true);
        assertThat(mended.mended()).isTrue();
        assertThat(List.of(mended.logged(), mended.missing(), mended.different(), mended.surplus(), mended.unmended()))
                .isEqualTo(List.of(found.logged(), found.missing(), found.different(), 0L, 0L));
        assertThat(rows()).isEqualTo(before);
        assertThat(memories.rebuild(false).sound()).isTrue();
    }

    @Test
    void whatWasForgottenDoesNotComeBack() {
        long secret = store("the door code is 4711");
        room.sqlite.writeNow(tx -> tx.update("CREATE TABLE kept AS SELECT * FROM memory WHERE id = ?", secret));
        memories.forget(secret);
        assertThat(memories.rebuild(true).sound()).isTrue();
        assertThat(memories.query("door code", 5)).isEmpty();

        room.sqlite.writeNow(tx -> tx.update("INSERT INTO memory SELECT * FROM kept"));
        assertThat(memories.rebuild(true).surplus()).isEqualTo(1);
        assertThat(memories.query("door code", 5)).isEmpty();
        assertThat(rows()).isEmpty();
    }

    @Test
    void aMemoryTheLogDoesNotKnowStays() {
        long old = store("older than the log");
        room.sqlite.writeNow(tx -> tx.update("DELETE FROM memory_event WHERE memory = ?", old));
        memories.reinforce(old);
        List<String> before = rows();
        assertThat(memories.rebuild(true).sound()).isTrue();
        assertThat(rows()).isEqualTo(before).hasSize(1);
    }

    @Test
    void whatCannotComeBackBesideItsTwinIsCounted() {
        long first = store("tea is at four");
        room.sqlite.writeNow(tx -> tx.update("DELETE FROM memory WHERE id = ?", first));
        long second = store("tea is at four");
        Rebuild.Found found = memories.rebuild(true);
        assertThat(found.unmended()).isEqualTo(1);
        assertThat(memories.query("tea", 5)).extracting(Memory::id).containsExactly(second);
    }

    @Test
    void whatASearchKnowsByOtherWordsIsNamedAlthoughTheNumbersAgree() {
        long first = store("the heron stands in the reeds");
        store("猫が庭で寝ている and a dog");
        room.sqlite.writeNow(tx -> {
            room.sqlite.textIndex("memory").put(tx, first, "the heron flew over the reeds");
            return null;
        });
        Rebuild.Found found = memories.rebuild(false);
        assertThat(found.unindexed()).isEqualTo(1);
        assertThat(found.wrong()).containsExactly(new Rebuild.Wrong(first, Rebuild.Fault.UNINDEXED, List.of()));
        memories.rebuild(true);
        assertThat(memories.rebuild(false).sound()).isTrue();
    }

    @Test
    void aLookFindsNothingWrongWithWhateverCanBeStored() {
        Random random = new Random(5);
        String letters =
                "aB \u00e9\u0301'\"-_\n\t*^:()AND OR NOT\u732b\u5ead\u0e01\u0e34\uac00\u30fc.9\ud83d\ude00\u00df\u0130";
        for (int i = 0; i < 400; i++) {
            StringBuilder text = new StringBuilder("m").append(i).append(' ');
            for (int n = random.nextInt(300); n > 0; n--) {
                text.append(letters.charAt(random.nextInt(letters.length())));
            }
            store(text.toString());
        }
        assertThat(memories.rebuild(false).wrong()).isEmpty();
    }

    @Test
    void aDamagedIndexIsMadeAnewAndSearchesFindAgain() {
        for (int i = 0; i < 50; i++) {
            store("the heron number " + i + " stands in the reeds");
        }
        room.configure(Map.of("memory", Map.of("maxEntries", 30)));
        memories.prune();
        room.sqlite.writeNow(tx -> {
            tx.update("UPDATE memory_text_data SET block = zeroblob(7) WHERE id > 10");
            tx.update("DELETE FROM memory_archive_text_docsize WHERE id % 2 = 0");
            return null;
        });
        assertThatThrownBy(() -> memories.query("heron", 60)).isInstanceOf(KoshiException.class);
        assertThat(memories.rebuild(false).unindexed()).isPositive();
        assertThat(memories.rebuild(true).mended()).isTrue();
        assertThat(memories.query("heron 49", 1))
                .extracting(Memory::content)
                .containsExactly("the heron number 49 stands in the reeds");
        assertThat(memories.query("heron", 60)).hasSize(50);
        assertThat(memories.rebuild(false).sound()).isTrue();
        assertThat(memories.stats().archivedIndexed()).isEqualTo(20);
    }

    private void liveThroughALot(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            long id = 1 + random.nextInt(60);
            switch (random.nextInt(8)) {
                case 0 -> memories.reinforce(id);
                case 1 -> memories.demote(id);
                case 2 -> memories.forget(id);
                case 3 ->
                    memories.update(
                            id,
                            "rewritten " + random.nextInt(1_000_000),
                            Optional.of(List.of("t", "t ")),
                            Trust.MEDIUM);
                case 4 -> memories.sleep(Duration.ofSeconds(5));
                case 5 -> {
                    int live = memories.newest(Optional.empty(), 100).size();
                    room.configure(Map.of("memory", Map.of("maxEntries", Math.max(1, live - 1))));
                    memories.prune();
                }
                default -> store("fact " + random.nextInt(80));
            }
        }
    }

    /** Every row as far as the log has it: what it rounds is rounded here too. */
    private List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (String table : List.of("memory", "memory_archive")) {
            room.sqlite
                    .read(tx -> tx.query("SELECT * FROM " + table + " ORDER BY id", Kept::of))
                    .forEach(kept -> rows.add(table + " " + kept.id() + " " + kept.data()));
        }
        return rows;
    }

    private long store(String content) {
        return room.sqlite.writeNow(
                tx -> memories.store(tx, Note.of(content, List.of("a ", " a", "b\nc"), "test", Trust.HIGH)));
    }
}
