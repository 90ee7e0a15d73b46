package io.koshi.store.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.koshi.store.TextIndex;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FtsIndexTest {
    @TempDir
    Path data;

    private SqliteStore store;
    private TextIndex index;

    @BeforeEach
    void open() {
        store = new SqliteStore(new FixedSettings(data));
        index = store.textIndex("memory");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void put(long id, String text) {
        store.writeNow(tx -> {
            index.put(tx, id, text);
            return null;
        });
    }

    private List<Long> find(String query) {
        return store.read(tx ->
                index.search(tx, query, 10).stream().map(TextIndex.Hit::id).toList());
    }

    @Test
    void findsByTheStemOfAWord() {
        put(1, "Running tests before every deployment");
        put(2, "a cat");
        assertThat(find("deployments that run")).containsExactly(1L);
    }

    @Test
    void foldsDiacritics() {
        put(1, "Café in Jyväskylä");
        assertThat(find("cafe")).containsExactly(1L);
        assertThat(find("jyvaskyla")).containsExactly(1L);
    }

    @Test
    void findsChineseJapaneseAndKoreanByOneTwoAndMoreCharacters() {
        put(1, "我喜欢喝绿茶和咖啡");
        put(2, "東京タワーへ行きました");
        put(3, "서울에서 만나요");
        assertThat(find("茶")).containsExactly(1L);
        assertThat(find("绿茶")).containsExactly(1L);
        assertThat(find("喝绿茶")).containsExactly(1L);
        assertThat(find("黑茶")).as("no pair is there, a character is").containsExactly(1L);
        assertThat(find("绿茶黑茶")).as("a pair is there").containsExactly(1L);
        assertThat(find("タワー")).containsExactly(2L);
        assertThat(find("만나")).containsExactly(3L);
        assertThat(find("mixed 東京 words")).containsExactly(2L);
    }

    @Test
    void findsAnUnspacedQuestionByAnyOfItsPairs() {
        put(1, "我喜欢喝绿茶和咖啡");
        put(2, "ห้องประชุมอยู่ชั้นสาม");
        put(3, "会議は毎週火曜日の午前十時です");
        put(4, "something else");
        assertThat(find("他平时喝什么茶？绿茶吗")).containsExactly(1L);
        assertThat(find("ประชุมที่ไหน")).containsExactly(2L);
        assertThat(find("火曜日に何がありますか")).containsExactly(3L);
    }

    @Test
    void leavesOutACommonWordWhereARarerOneIsThere() {
        for (int i = 1; i <= 100; i++) {
            put(i, "the hub keeps note " + (i % 10 == 0 ? "garden" : "x".repeat(i)));
        }
        put(101, "a zebra");
        put(102, "the zebra of the garden");
        assertThat(find("the hub's zebra")).containsExactly(101L, 102L);
        assertThat(find("the garden's zebra")).containsExactly(102L, 101L);
        assertThat(find("the hub")).hasSize(10);
    }

    @Test
    void ranksTheNewestOnlyWhereTooManyHaveWhatIsAskedFor() {
        store.writeNow(tx -> {
            for (int i = 1; i <= FtsIndex.BUDGET + 100; i++) {
                index.put(tx, i, "everywhere");
            }
            return null;
        });
        assertThat(find("everywhere")).hasSize(10).allMatch(id -> id > 100);
    }

    @Test
    void countsWhatItCanFind() {
        put(1, "one");
        put(2, "two");
        put(2, "two again");
        assertThat(store.<Long>read(index::count)).isEqualTo(2);
        store.writeNow(tx -> {
            index.remove(tx, 1);
            return null;
        });
        assertThat(store.<Long>read(index::count)).isEqualTo(1);
        store.writeNow(tx -> {
            index.clear(tx);
            return null;
        });
        assertThat(store.<Long>read(index::count)).isZero();
        put(3, "two");
        assertThat(find("two")).containsExactly(3L);
    }

    @Test
    void putsTheBetterMatchFirst() {
        put(1, "apples and pears and plums and a long list of other fruit");
        put(2, "apples");
        put(3, "apples and pears");
        assertThat(find("apples pears")).startsWith(3L).hasSize(3);
    }

    @Test
    void forgetsWhatIsRemovedOrReplaced() {
        put(1, "the old words");
        put(1, "new ones");
        assertThat(find("old")).isEmpty();
        assertThat(find("new")).containsExactly(1L);
        store.writeNow(tx -> {
            index.remove(tx, 1);
            return null;
        });
        assertThat(find("new")).isEmpty();
    }

    @Test
    void neverTakesAQueryForALanguage() {
        put(1, "pull request about state of the art indexing");
        for (String query : List.of(
                "\"", "AND OR NOT", "words : *", "^ () {} NEAR(", "a", "", "'; DROP TABLE x", "-", "\u0000", "😀")) {
            assertThat(find(query)).isEmpty();
        }
        assertThat(find("https://example.org/art?x=1")).isEmpty();
        assertThat(find("state-of-the-art!")).containsExactly(1L);
    }
}
