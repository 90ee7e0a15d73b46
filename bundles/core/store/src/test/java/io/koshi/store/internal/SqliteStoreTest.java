package io.koshi.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest {
    @TempDir
    Path data;

    private FixedSettings settings;
    private SqliteStore store;

    @BeforeEach
    void open() {
        settings = new FixedSettings(data);
        store = new SqliteStore(settings);
        store.migrate("note", List.of("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE)"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private long count() {
        return store.read(tx -> tx.number("SELECT count(*) FROM note"));
    }

    @Test
    void readsWhatWasWritten() {
        long id = store.writeNow(tx -> tx.insert("INSERT INTO note (text) VALUES (?)", "hello"));

        assertThat(store.<Optional<String>>read(
                        tx -> tx.first("SELECT text FROM note WHERE id = ?", row -> row.text("text"), id)))
                .contains("hello");
    }

    @Test
    void keepsEveryKindOfValue() {
        store.migrate("kinds", List.of("CREATE TABLE kinds (s, i, l, d, b, raw, at, word, maybe, absent)"));
        Instant now = Instant.ofEpochMilli(1_700_000_000_123L);
        store.writeNow(tx -> tx.update(
                "INSERT INTO kinds VALUES (?,?,?,?,?,?,?,?,?,?)",
                "ü",
                7,
                1L << 40,
                0.5,
                true,
                new byte[] {1, 2},
                now,
                Thread.State.TIMED_WAITING,
                Optional.of("x"),
                null));
        store.read(tx -> tx.query("SELECT * FROM kinds", row -> {
            assertThat(row.text("s")).isEqualTo("ü");
            assertThat(row.number("i")).isEqualTo(7);
            assertThat(row.number("l")).isEqualTo(1L << 40);
            assertThat(row.real("d")).isEqualTo(0.5);
            assertThat(row.flag("b")).isTrue();
            assertThat(row.bytes("raw")).containsExactly(1, 2);
            assertThat(row.instant("at")).isEqualTo(now);
            assertThat(row.text("word")).isEqualTo("timed_waiting");
            assertThat(row.optional("maybe")).contains("x");
            assertThat(row.isNull("absent")).isTrue();
            assertThat(row.isNull("i")).isFalse();
            assertThat(row.instant("absent")).isNull();
            assertThatThrownBy(() -> row.text("typo")).hasMessageContaining("no column 'typo'");
            return row;
        }));
    }

    @Test
    void joinsWritesThatWaitIntoOneCommit() {
        CountDownLatch gate = new CountDownLatch(1);
        CompletableFuture<Boolean> first = store.write(tx -> gate.await(60, java.util.concurrent.TimeUnit.SECONDS));
        List<CompletableFuture<Integer>> all = IntStream.range(0, 200)
                .mapToObj(i -> store.write(tx -> tx.update("INSERT INTO note (text) VALUES (?)", "n" + i)))
                .toList();
        long before = store.stats().commits();
        gate.countDown();
        first.join();
        all.forEach(CompletableFuture::join);

        assertThat(count()).isEqualTo(200);
        assertThat(store.stats().commits() - before).isLessThan(20);
    }

    @Test
    void aFailingWorkHarmsNoNeighbour() {
        CountDownLatch gate = new CountDownLatch(1);
        store.write(tx -> gate.await(60, java.util.concurrent.TimeUnit.SECONDS));
        List<CompletableFuture<Integer>> all = IntStream.range(0, 100)
                .mapToObj(i -> store.write(tx -> {
                    int changed = tx.update("INSERT INTO note (text) VALUES (?)", "n" + i);
                    if (i % 10 == 3) {
                        throw new IllegalStateException("no " + i);
                    }
                    if (i % 10 == 4) {
                        tx.update("INSERT INTO note (text) VALUES (?)", "n" + i); // UNIQUE
                    }
                    return changed;
                }))
                .toList();
        gate.countDown();

        int failed = 0;
        for (int i = 0; i < all.size(); i++) {
            CompletableFuture<Integer> one = all.get(i);
            if (i % 10 == 3 || i % 10 == 4) {
                ErrorCode code = i % 10 == 3 ? ErrorCode.INTERNAL : ErrorCode.CONFLICT;
                assertThatThrownBy(one::join)
                        .cause()
                        .isInstanceOfSatisfying(
                                KoshiException.class, e -> assertThat(e.code()).isEqualTo(code));
                failed++;
            } else {
                assertThat(one.join()).isEqualTo(1);
            }
        }
        assertThat(count()).isEqualTo(100 - failed);
    }

    @Test
    void aWorkThatHidesItsErrorKeepsWhatItDidBefore() {
        store.writeNow(tx -> tx.update("INSERT INTO note (text) VALUES ('a')"));
        store.writeNow(tx -> {
            tx.update("INSERT INTO note (text) VALUES ('b')");
            try {
                tx.update("INSERT INTO note (text) VALUES ('a')");
            } catch (KoshiException taken) {
                tx.update("INSERT INTO note (text) VALUES ('c')");
            }
            return null;
        });
        assertThat(count()).isEqualTo(3);
    }

    @Test
    void tellsOfCommitsInOrder() {
        List<Integer> told = java.util.Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<Object>> all = IntStream.range(0, 500)
                .mapToObj(i -> store.write(tx -> {
                    tx.update("INSERT INTO note (text) VALUES (?)", "n" + i);
                    tx.afterCommit(() -> told.add(i));
                    return null;
                }))
                .toList();
        all.forEach(CompletableFuture::join);

        assertThat(told).isEqualTo(IntStream.range(0, 500).boxed().toList());
    }

    @Test
    void aWriteThatIsAloneIsCommittedByItsOwnThread() {
        store.writeNow(tx -> null); // the group before was one write as well
        AtomicReference<Thread> who = new AtomicReference<>();
        CompletableFuture<Integer> write = store.writeHere(tx -> {
            who.set(Thread.currentThread());
            return tx.update("INSERT INTO note (text) VALUES ('here')");
        });
        assertThat(write).isCompletedWithValue(1);
        assertThat(who).hasValue(Thread.currentThread());
    }

    @Test
    void aWriteThatIsNotAloneSharesTheWritersCommit() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        CompletableFuture<Object> first = store.write(tx -> {
            begun.countDown();
            gate.await(60, java.util.concurrent.TimeUnit.SECONDS);
            return null;
        });
        assertThat(begun.await(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        AtomicReference<String> who = new AtomicReference<>();
        CompletableFuture<Object> second = store.writeHere(tx -> {
            who.set(Thread.currentThread().getName());
            return null;
        });
        assertThat(second).isNotDone();
        gate.countDown();
        first.join();
        second.join();
        assertThat(who).hasValue("koshi-store-writer");
    }

    @Test
    void whatFollowsAWriteThatIsAloneIsDoneBeforeItsAnswer() {
        store.writeNow(tx -> null);
        AtomicReference<Thread> told = new AtomicReference<>();
        CompletableFuture<Thread> seen = store.writeHere(tx -> {
                    tx.afterCommit(() -> told.set(Thread.currentThread()));
                    return null;
                })
                .thenApply(done -> told.get());
        assertThat(seen.join()).isNotNull();
    }

    @Test
    void whatFollowsCommitsKeepsItsOrderWhenOneIsSlow() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        List<String> told = java.util.Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Object> first = store.write(tx -> {
            tx.afterCommit(() -> {
                await(gate);
                told.add("first");
            });
            return null;
        });
        store.writeNow(tx -> null); // the first is committed and its end is told of now
        CompletableFuture<Object> second = store.writeHere(tx -> {
            tx.afterCommit(() -> told.add("second"));
            return null;
        });
        assertThat(second).isNotDone();
        gate.countDown();
        second.join();
        assertThat(first).isDone();
        assertThat(told).containsExactly("first", "second");
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await(60, java.util.concurrent.TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aThreadThatBringsManyAtOnceHasThemShareCommits() {
        long before = store.stats().commits();
        List<CompletableFuture<Integer>> all = IntStream.range(0, 2000)
                .mapToObj(i -> store.writeHere(tx -> tx.update("INSERT INTO note (text) VALUES (?)", "n" + i)))
                .toList();
        all.forEach(CompletableFuture::join);
        assertThat(store.stats().commits() - before).isLessThan(1500);
    }

    @Test
    void whatOneThreadBringsIsWrittenInItsOrder() {
        for (int i = 0; i < 4000; i++) {
            store.write(tx -> null).join(); // a group of one: the next may be committed on this thread
            AtomicInteger order = new AtomicInteger();
            CompletableFuture<Integer> first = store.write(tx -> order.incrementAndGet());
            for (int wait = 0; wait < i % 1000; wait++) {
                Thread.onSpinWait(); // so that some find the writer between taking the first and writing it
            }
            assertThat(store.<Integer>writeNow(tx -> order.incrementAndGet())).isEqualTo(2);
            assertThat(first.join()).isEqualTo(1);
        }
    }

    @Test
    void tellsOfCommitsInTheirOrderWhoeverDidThem() {
        List<Long> told = java.util.Collections.synchronizedList(new ArrayList<>());
        IntStream.range(0, 4).parallel().forEach(writer -> {
            for (int i = 0; i < 250; i++) {
                String text = writer + "." + i;
                CompletableFuture<Object> write = store.writeHere(tx -> {
                    long id = tx.insert("INSERT INTO note (text) VALUES (?)", text);
                    tx.afterCommit(() -> told.add(id));
                    return null;
                });
                write.join();
            }
        });
        store.write(tx -> null).join(); // after it, everything before was told
        assertThat(told).hasSize(1000).isSorted();
    }

    @Test
    void aWriteFromInsideAWriteWaitsForIt() {
        AtomicReference<CompletableFuture<Integer>> inner = new AtomicReference<>();
        store.writeNow(tx -> {
            inner.set(store.writeHere(deeper -> deeper.update("INSERT INTO note (text) VALUES ('inner')")));
            return null;
        });
        assertThat(inner.get().join()).isEqualTo(1);
    }

    @Test
    void tellsNothingOfAWriteThatFailed() {
        AtomicInteger told = new AtomicInteger();
        assertThatThrownBy(() -> store.writeNow(tx -> {
                    tx.afterCommit(told::incrementAndGet);
                    throw new KoshiException(ErrorCode.NOT_FOUND, "gone");
                }))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
        store.writeNow(tx -> {
            tx.afterCommit(told::incrementAndGet);
            return null;
        });
        store.write(tx -> null).join(); // told after the one before
        assertThat(told).hasValue(1);
    }

    @Test
    void anInterruptedCallerGetsItsAnswerAndKeepsItsFlag() throws Exception {
        AtomicReference<Object> seen = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            Thread.currentThread().interrupt();
            int changed = store.writeNow(tx -> tx.update("INSERT INTO note (text) VALUES ('a')"));
            long rows = count();
            seen.set(List.of(changed, rows, Thread.currentThread().isInterrupted()));
        });
        caller.start();
        caller.join(120_000);

        assertThat(seen.get()).isEqualTo(List.of(1, 1L, true));
        store.writeNow(tx -> tx.update("INSERT INTO note (text) VALUES ('b')"));
        assertThat(count()).isEqualTo(2);
    }

    @Test
    void aReaderSeesOneState() {
        store.writeNow(tx -> tx.update("INSERT INTO note (text) VALUES ('a')"));
        store.read(tx -> {
            assertThat(tx.number("SELECT count(*) FROM note")).isEqualTo(1);
            store.writeNow(other -> other.update("INSERT INTO note (text) VALUES ('b')"));
            assertThat(tx.number("SELECT count(*) FROM note")).isEqualTo(1);
            return null;
        });
        assertThat(count()).isEqualTo(2);
    }

    @Test
    void aReaderCannotWrite() {
        assertThatThrownBy(() -> store.read(tx -> tx.update("INSERT INTO note (text) VALUES ('a')")))
                .isInstanceOf(KoshiException.class);
        assertThat(count()).isZero();
    }

    @Test
    void saysWhenAWriteWouldWaitForItself() {
        CompletableFuture<Object> inside = store.write(tx -> store.writeNow(other -> null));
        assertThatThrownBy(inside::join).hasMessageContaining("use write");
    }

    @Test
    void recoversWhenTheDiskHasSpaceAgain() {
        long pages = store.writeNow(tx -> tx.number("PRAGMA page_count"));
        store.writeNow(tx -> tx.number("PRAGMA max_page_count=" + (pages + 20)));
        byte[] big = new byte[200_000];
        store.migrate("big", List.of("CREATE TABLE big (raw BLOB)"));

        assertThatThrownBy(() -> store.writeNow(tx -> tx.update("INSERT INTO big VALUES (?)", (Object) big)))
                .isInstanceOfSatisfying(KoshiException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.SERVICE_UNAVAILABLE);
                    assertThat(e.getMessage()).contains("full").contains("free some space");
                });
        assertThat(store.health().status()).isEqualTo(Health.Status.UNHEALTHY);

        store.writeNow(tx -> tx.number("PRAGMA max_page_count=100000"));
        store.writeNow(tx -> tx.update("INSERT INTO big VALUES (?)", (Object) big));
        assertThat(store.health().status()).isEqualTo(Health.Status.HEALTHY);
        assertThat(store.<Long>read(tx -> tx.number("SELECT count(*) FROM big")))
                .isEqualTo(1);
    }

    @Test
    void aFullDiskInTheMiddleOfAGroupFailsItWholeAndTheNextSucceeds() throws Exception {
        long pages = store.writeNow(tx -> tx.number("PRAGMA page_count"));
        store.migrate("big", List.of("CREATE TABLE big (raw BLOB)"));
        store.writeNow(tx -> tx.number("PRAGMA max_page_count=" + (pages + 20)));
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        store.write(tx -> {
            begun.countDown();
            return gate.await(60, java.util.concurrent.TimeUnit.SECONDS);
        });
        begun.await(); // or the next would share its group, and the one after that begin another
        CompletableFuture<Integer> small = store.write(tx -> tx.update("INSERT INTO note (text) VALUES ('small')"));
        CompletableFuture<Integer> hidden = store.write(tx -> {
            try {
                return tx.update("INSERT INTO big VALUES (zeroblob(1000000))");
            } catch (KoshiException swallowed) {
                return 0; // SQLite may have rolled all back: this must not be taken for success
            }
        });
        gate.countDown();
        assertThatThrownBy(small::join).hasMessageContaining("full");
        assertThatThrownBy(hidden::join).hasMessageContaining("full");
        assertThat(count()).isZero();

        store.writeNow(tx -> tx.update("INSERT INTO note (text) VALUES ('after')"));
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void saysWhenTheDiskIsShort() {
        assertThat(store.diskShort()).isFalse();
        store.close();
        settings.minFreeMB = Integer.MAX_VALUE;
        store = new SqliteStore(settings);
        assertThat(store.diskShort()).isTrue();
        assertThat(store.health().status()).isEqualTo(Health.Status.DEGRADED);
    }

    @Test
    void aCleanStopLeavesNoLog() {
        store.writeNow(tx -> tx.update("INSERT INTO note (text) VALUES ('a')"));
        assertThat(Files.exists(data.resolve("koshi.db-wal"))).isTrue();
        store.close();
        assertThat(Files.exists(data.resolve("koshi.db-wal"))).isFalse();
        assertThatThrownBy(() -> store.writeNow(tx -> null)).hasMessageContaining("stopping");
    }

    @Test
    void beginsTheLogAnewUnderSteadyLoad() {
        store.migrate("big", List.of("CREATE TABLE big (raw BLOB)"));
        assertThat(mostOfTheLog(400)).isLessThan(3 * Checkpoints.RESET_BYTES);
    }

    @Test
    void aLongReaderLetsTheLogGrowButNotTheWriterStopAndTheLogIsShortAgainAfterIt() throws Exception {
        store.migrate("big", List.of("CREATE TABLE big (raw BLOB)"));
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        CompletableFuture<Long> reader = CompletableFuture.supplyAsync(() -> store.read(tx -> {
            long before = tx.number("SELECT count(*) FROM big");
            reading.countDown();
            gate.await();
            return before;
        }));
        reading.await();

        assertThat(mostOfTheLog(250)).isGreaterThan(3 * Checkpoints.RESET_BYTES);

        gate.countDown();
        assertThat(reader.join()).isZero();
        Awaitility.await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            store.writeNow(tx -> tx.update("INSERT INTO big VALUES (zeroblob(1))"));
            assertThat(store.stats().walBytes()).isLessThanOrEqualTo(Checkpoints.MOST_BYTES);
        });
    }

    private long mostOfTheLog(int megabytes) {
        byte[] body = new byte[1 << 20];
        long most = 0;
        for (int i = 0; i < megabytes; i++) {
            store.writeNow(tx -> tx.update("INSERT INTO big VALUES (?)", (Object) body));
            most = Math.max(most, store.stats().walBytes());
        }
        return most;
    }
}
