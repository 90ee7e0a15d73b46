package io.koshi.memory.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.memory.Memories.Memory;
import io.koshi.memory.Memories.Note;
import io.koshi.memory.internal.TransferMethods.ExportParams;
import io.koshi.memory.internal.TransferMethods.ImportParams;
import io.koshi.rpc.Caller;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Facts and questions as no person would write them. */
class HostileTest {
    @TempDir
    Path folder;

    @TempDir
    Path other;

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
    void aFactOfTenMegabytesIsRefusedAndTheNextIsTaken() {
        KoshiException e = catchThrowableOfType(KoshiException.class, () -> store("x".repeat(10_000_000)));
        assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(e).hasMessageContaining("20000 characters");
        assertThat(store("a fact of a few words")).isPositive();
        assertThat(memories.stats().count()).isEqualTo(1);
    }

    @Test
    void aQuestionOfAHundredThousandWordsIsAnsweredByItsFirst() {
        store("the lighthouse keeper polishes the lens");
        String question =
                "lighthouse " + IntStream.range(0, 100_000).mapToObj(i -> "word" + i).collect(Collectors.joining(" "));
        assertThat(memories.query(question, 5)).hasSize(1);
        KoshiException e = catchThrowableOfType(
                KoshiException.class,
                () -> room.codec.fromData(Map.of("query", question), MemoryMethods.Query.class));
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_PARAMS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lantern AND NOT harbour",
                "\"lantern",
                "lantern\" OR \"1\"=\"1",
                "words:lantern",
                "lantern*",
                "^lantern",
                "NEAR(lantern harbour, 5)",
                "lantern'; DROP TABLE memory; --",
                "{words characters} : lantern",
                "-lantern +harbour",
                "(lantern",
                "lantern)))",
                "lantern\u0000harbour",
                "\u202Elantern\u202C",
                "🏮 lantern 🏮",
                "lantern \ud800",
                "\udc00 lantern",
                "lantern \\ % _ ? : @ $1 ;",
            })
    void whateverIsAskedIsWordsAndNothingElse(String question) {
        long id = store("The lantern hangs at the harbour gate");
        assertThat(memories.query(question, 5)).extracting(Memory::id).containsExactly(id);
        assertThat(memories.stats().count()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a NUL \u0000 in the middle of it",
                "family 👨‍👩‍👧‍👦 flag 🇫🇮 thumbs 👍🏽",
                "המפתח מתחת לעציץ",
                "المفتاح تحت الأصيص",
                "mixed \u202Eright to left\u202C and back",
                "a lone \ud83d surrogate",
                "another \ude00 one",
                "tab\tand\r\nlines\u2028and\u2029more",
                "zero\u200Bwidth and \uFEFF mark",
                "e\u0301 decomposed and é composed",
                "quotes \" ' ` \\ and -- comments /* */ <!-- -->",
            })
    void whateverIsStoredComesBackAndIsOneMemory(String fact) {
        long id = store(fact);
        assertThat(store(fact)).isEqualTo(id);
        assertThat(memories.stats().count()).isEqualTo(1);
        String kept = memories.newest(Optional.empty(), 1).get(0).content();
        assertThat(kept.getBytes(StandardCharsets.UTF_8)).isEqualTo(Words.wellFormed(fact).strip().getBytes(StandardCharsets.UTF_8));
        assertThat(memories.rebuild(true).sound()).isTrue();
        roundTrip(false);
    }

    @Test
    void theSameFactAThousandTimesAtOnceIsOneMemory() {
        List<CompletableFuture<Long>> writes = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String fact = i % 2 == 0 ? "The kettle is descaled on Fridays" : "the  kettle is descaled\non fridays ";
            writes.add(room.sqlite.write(
                    tx -> memories.store(tx, Note.of(fact, List.of("kettle"), "test", Trust.MEDIUM))));
        }
        Set<Long> ids = new HashSet<>();
        writes.forEach(write -> ids.add(write.join()));
        assertThat(ids).hasSize(1);
        assertThat(memories.stats().count()).isEqualTo(1);
        assertThat(memories.stats().indexed()).isEqualTo(1);
        assertThat(memories.query("kettle", 5)).hasSize(1);
    }

    @Test
    void whatIsWrittenOutAndTakenInIsWrittenOutTheSameToTheByte() {
        for (int i = 0; i < 60; i++) {
            store("fact " + i + (i % 7 == 0 ? " with \"quotes\", a \\ and\nanother line 事实" : ""));
        }
        for (long id = 5; id < 60; id += 9) {
            memories.forget(id);
        }
        memories.reinforce(7);
        memories.demote(8);
        room.configure(Map.of("memory", Map.of("maxEntries", 40)));
        assertThat(memories.prune()).isPositive();
        roundTrip(true);
    }

    @Test
    void aNumberThatIsTakenOrAbsurdIsNotKept() {
        long first = store("the first");
        TransferMethods into = new TransferMethods(memories, room.sqlite, room.codec);
        String lines = "{\"id\":" + first + ",\"content\":\"another\"}\n{\"id\":9223372036854775807,\"content\":\"huge\"}\n"
                + "{\"id\":-4,\"content\":\"negative\"}\n{\"id\":500,\"content\":\"free\"}\n";
        assertThat(into.take(new ImportParams(Portable.Format.JSONL, lines), Caller.admin("socket"))
                        .stored())
                .isEqualTo(4);
        assertThat(memories.query("first", 1)).extracting(Memory::content).containsExactly("the first");
        assertThat(memories.query("free", 1)).extracting(Memory::id).containsExactly(500L);
        assertThat(store("what comes after")).isEqualTo(501);
    }

    private void roundTrip(boolean archive) {
        TransferMethods from = new TransferMethods(memories, room.sqlite, room.codec);
        try (Room there = new Room(other.resolve("copy"))) {
            Recollection copy = there.recollection();
            TransferMethods into = new TransferMethods(copy, there.sqlite, there.codec);
            for (boolean which : archive ? new boolean[] {true, false} : new boolean[] {false}) {
                String text = exported(from, which);
                assertThat(into.take(new ImportParams(Portable.Format.JSONL, text), Caller.admin("socket"))
                                .refused())
                        .isZero();
                assertThat(exported(into, which).getBytes(StandardCharsets.UTF_8))
                        .isEqualTo(text.getBytes(StandardCharsets.UTF_8));
            }
            assertThat(copy.stats().archived()).isEqualTo(memories.stats().archived());
            assertThat(copy.rebuild(false).sound()).isTrue();
        }
    }

    private static String exported(TransferMethods from, boolean archive) {
        StringBuilder text = new StringBuilder();
        Optional<Long> next = Optional.of(0L);
        while (next.isPresent()) {
            TransferMethods.Exported page =
                    from.export(new ExportParams(Portable.Format.JSONL, next.get(), 10, archive));
            text.append(page.text());
            next = page.next();
        }
        return text.toString();
    }

    private long store(String content) {
        return room.sqlite.writeNow(tx -> memories.store(tx, Note.of(content, List.of("a"), "test", Trust.HIGH)));
    }
}
