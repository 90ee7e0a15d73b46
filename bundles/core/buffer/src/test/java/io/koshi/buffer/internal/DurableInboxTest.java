package io.koshi.buffer.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.Accepted;
import io.koshi.api.Address;
import io.koshi.api.Batch;
import io.koshi.api.Cursor;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.buffer.Buffer;
import io.koshi.codec.RawObject;
import io.koshi.hub.Traced;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableInboxTest {
    @TempDir
    Path data;

    private House house;

    @BeforeEach
    void open() {
        house = new House(data);
    }

    @AfterEach
    void close() {
        house.close();
    }

    private void restart() {
        house.close();
        house = new House(data);
    }

    private Accepted accept(String conversation, String text) {
        return house.inbox.accept(House.message("telegram", conversation, text));
    }

    private Accepted acceptAs(int priority, String conversation, String text) {
        return house.inbox.accept(House.message("telegram", conversation, text).withPriority(priority));
    }

    private House.Kept deliver() {
        House.Kept kept = house.new Kept();
        house.inbox.open(kept);
        return kept;
    }

    @Test
    void deliversWhatWasAccepted() {
        House.Kept kept = deliver();
        Accepted accepted = accept("anna", "hello");

        await().until(() -> kept.texts().equals(List.of("hello")));
        Entry entry = kept.batches.get(0).first();
        assertThat(entry.id()).isEqualTo(accepted.id());
        assertThat(entry.entry()).isEqualTo(accepted.entry());
        assertThat(accepted.duplicate()).isFalse();
    }

    @Test
    void deliversAfterARestartWhatWasNotRouted() {
        List<String> texts = IntStream.range(0, 300).mapToObj(i -> "m" + i).toList();
        texts.forEach(text -> accept("anna", text));
        restart();

        House.Kept kept = deliver();
        await().until(() -> kept.texts().size() == 300);
        assertThat(kept.texts()).isEqualTo(texts);
        restart();
        House.Kept nothing = deliver();
        accept("anna", "new");
        await().until(() -> !nothing.texts().isEmpty());
        assertThat(nothing.texts()).containsExactly("new");
    }

    @Test
    void keepsEveryPartOfAMessage() {
        byte[] json = "{\"action\":\"opened\",\"n\":1.50}".getBytes(StandardCharsets.UTF_8);
        Message message = new Message(
                Address.of("github", "octo/repo#1"),
                "octocat",
                List.of(Part.text("größe"), new Part.Blob("ab", "image/png", Optional.of("a.png"), 7)),
                house.codec.lazyObject(json),
                Optional.of("delivery-1"),
                Instant.ofEpochMilli(1_700_000_000_123L),
                50,
                Trust.LOW);
        Message plain = message.withFields(Map.of("a", List.of(1L, "x"))).withExternalId("delivery-2");
        house.inbox.accept(message);
        house.inbox.accept(plain);
        restart();
        House.Kept kept = deliver();
        await().until(() ->
                kept.batches.stream().mapToInt(b -> b.entries().size()).sum() == 2);
        List<Message> read = kept.batches.stream()
                .flatMap(b -> b.entries().stream())
                .map(Entry::message)
                .toList();
        assertThat(read.get(0)).isEqualTo(message);
        assertThat(house.codec.json(read.get(0).fields())).isEqualTo(json);
        assertThat(read.get(1)).isEqualTo(plain);
    }

    @Test
    void fiftyEqualDeliveriesAtOnceAreOneMessage() throws Exception {
        House.Kept kept = deliver();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Accepted>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Callable<Accepted> one = () -> {
                start.await();
                return house.inbox.accept(
                        House.message("github", "octo/repo", "same").withExternalId("delivery-1"));
            };
            all.add(house.pools.work().submit(one));
        }
        start.countDown();
        List<Accepted> answers = new ArrayList<>();
        for (Future<Accepted> one : all) {
            answers.add(one.get());
        }
        assertThat(answers.stream().filter(answer -> !answer.duplicate())).hasSize(1);
        assertThat(answers.stream().map(Accepted::id).distinct()).hasSize(1);
        assertThat(answers.stream().map(Accepted::entry).distinct()).hasSize(1);
        assertThat(house.store.<Long>read(tx -> tx.number("SELECT count(*) FROM buffer_message")))
                .isEqualTo(1);
        accept("anna", "after");
        await().until(() -> kept.texts().containsAll(List.of("same", "after")));
        assertThat(kept.texts()).hasSize(2);
    }

    @Test
    void theSameExternalIdOnAnotherChannelIsAnotherMessage() {
        Message first = House.message("github", "octo/repo", "a").withExternalId("1");
        Message second = House.message("github~work", "octo/repo", "b").withExternalId("1");
        assertThat(house.inbox.accept(first).duplicate()).isFalse();
        assertThat(house.inbox.accept(second).duplicate()).isFalse();
        assertThat(house.inbox.accept(first).duplicate()).isTrue();
    }

    @Test
    void movesTheCursorInTheSameCommit() {
        List<Message> messages = List.of(
                House.message("telegram", "anna", "1").withExternalId("u1"),
                House.message("telegram", "anna", "1 again").withExternalId("u1"),
                House.message("telegram", "bob", "2").withExternalId("u2"));
        long before = house.store.stats().commits();
        List<Accepted> accepted = house.inbox.accept(messages, Cursor.of("telegram", "42"));

        assertThat(house.store.stats().commits() - before).isEqualTo(1);
        assertThat(accepted).extracting(Accepted::duplicate).containsExactly(false, true, false);
        assertThat(accepted.get(1).id()).isEqualTo(accepted.get(0).id());
        restart();
        assertThat(house.inbox.cursor("telegram", "")).contains("42");
        assertThat(house.inbox.cursor("telegram", "other")).isEmpty();
    }

    @Test
    void gathersAConversationForTheWindow() {
        house.settings.configure(Map.of("buffer", Map.of("batchWindowMs", 6_000L), "store", Map.of("minFreeMB", 0L)));
        House.Kept kept = deliver();
        accept("octo/repo#1", "push 1");
        accept("octo/repo#1", "push 2");
        await().until(() -> kept.texts().size() == 2);
        assertThat(kept.batches).hasSize(1);
    }

    @Test
    void takesPersonsBeforeWebhooksBeforeNotifications() {
        acceptAs(100, "c", "notification");
        acceptAs(50, "b", "webhook");
        acceptAs(10, "a", "person");
        restart();
        House.Kept kept = deliver();
        await().until(() -> kept.texts().size() == 3);
        assertThat(kept.texts()).containsExactly("person", "webhook", "notification");
    }

    @Test
    void triesAgainAndThenMakesDeadLettersThatCanBeRedriven() {
        AtomicInteger calls = new AtomicInteger();
        AutoCloseable sink = house.inbox.open(batches -> {
            calls.incrementAndGet();
            throw new KoshiException(ErrorCode.METHOD_ERROR, "no such skill");
        });
        Accepted accepted = accept("anna", "hello");
        await().until(() ->
                house.inbox.deadLetters().count() == 1 && house.inbox.depth().unrouted() == 0);
        assertThat(calls).hasValue(Delivery.TRIES);

        BufferMethods methods = new BufferMethods(house.inbox, house.settings);
        BufferMethods.Dead dead = methods.dead(new BufferMethods.DeadQuery(10, Optional.empty()));
        assertThat(dead.next()).isEmpty();
        DeadLetters.Letter letter = dead.entries().get(0);
        assertThat(letter.id()).isEqualTo(accepted.id());
        assertThat(letter.stage()).isEqualTo("route");
        assertThat(letter.error()).isEqualTo(new DeadLetters.Fault("METHOD_ERROR", "no such skill"));
        assertThat(letter.attempts()).isEqualTo(Delivery.TRIES);
        await().until(() -> house.events.of("message.failed").size() == 1);
        assertThat(house.codec.toData(house.events.of("message.failed").get(0)).toString())
                .contains("final=true");

        close(sink);
        restart();
        House.Kept kept = deliver();
        methods = new BufferMethods(house.inbox, house.settings);
        assertThat(methods.redrive(new BufferMethods.Redrive(Optional.empty(), true))
                        .redriven())
                .isEqualTo(1);
        await().until(() -> kept.texts().equals(List.of("hello")));
        assertThat(house.inbox.deadLetters().count()).isZero();
    }

    private static void close(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatWasRedrivenSurvivesARestart() {
        Accepted accepted = accept("anna", "hello");
        house.store.writeNow(tx -> {
            house.inbox.dead(tx, List.of(accepted.id()), "run", ErrorCode.INTERNAL, "lost my thought");
            return null;
        });
        await().until(() -> house.inbox.deadLetters().count() == 1);
        house.inbox.deadLetters().redrive(Optional.of(List.of(accepted.id())));
        restart();
        assertThat(house.inbox.depth().unrouted()).isEqualTo(1);
        House.Kept kept = deliver();
        await().until(() -> kept.texts().equals(List.of("hello")));
    }

    @Test
    void aRoomThatIsAwayCostsNoTry() {
        AtomicInteger calls = new AtomicInteger();
        House.Kept kept = house.new Kept();
        house.inbox.open(batches -> {
            if (calls.incrementAndGet() < 8) {
                throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the task room is being replaced");
            }
            kept.route(batches);
        });
        accept("anna", "hello");
        await().until(() -> kept.texts().equals(List.of("hello")));
        assertThat(house.inbox.deadLetters().count()).isZero();
    }

    @Test
    void onlyTheBatchThatFailedIsTriedAgain() {
        AtomicInteger bad = new AtomicInteger();
        House.Kept kept = house.new Kept();
        house.inbox.open(batches -> {
            List<Batch> good = batches.stream()
                    .filter(batch -> !batch.from().conversation().equals("bad"))
                    .toList();
            kept.route(good);
            if (good.size() < batches.size()) {
                bad.incrementAndGet();
                throw new Buffer.Unrouted(Map.of(
                        batches.stream()
                                .filter(batch -> batch.from().conversation().equals("bad"))
                                .findFirst()
                                .orElseThrow()
                                .id(),
                        new KoshiException(ErrorCode.INTERNAL, "bad")));
            }
        });
        IntStream.range(0, 20).forEach(i -> accept(i == 7 ? "bad" : "good" + i, "m" + i));
        await().until(() ->
                house.inbox.deadLetters().count() == 1 && kept.texts().size() == 19);
        assertThat(bad).hasValue(Delivery.TRIES);
        assertThat(kept.texts()).doesNotHaveDuplicates();
    }

    @Test
    void whatASinkHadRoutedBeforeItFailedIsNotDeliveredTwice() {
        House.Kept kept = house.new Kept();
        AtomicInteger calls = new AtomicInteger();
        house.inbox.open(batches -> {
            kept.route(batches);
            if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("after the commit");
            }
        });
        accept("anna", "one");
        await().until(() -> calls.get() == 1 && house.inbox.depth().unrouted() == 0);
        accept("anna", "two");
        await().until(() -> kept.texts().contains("two"));
        assertThat(kept.texts()).containsExactly("one", "two");
    }

    @Test
    void readsFieldsBackFromDiskWhenMuchIsHeld() throws Exception {
        house.close();
        house = new House(data, new Waiting.Limits(1000, 1 << 20, 10_000));
        for (int i = 0; i < 20; i++) {
            byte[] fields =
                    ("{\"number\":" + i + ",\"pad\":\"" + "x".repeat(1000) + "\"}").getBytes(StandardCharsets.UTF_8);
            house.inbox.accept(
                    Message.of(Address.of("github", "octo"), "m" + i).withFields(house.codec.lazyObject(fields)));
        }
        List<Entry> entries = new CopyOnWriteArrayList<>();
        house.inbox.open(batches -> batches.forEach(batch -> entries.addAll(batch.entries())));
        await().until(() -> entries.size() == 20);
        assertThat(entries)
                .extracting(one -> one.message().fields() instanceof KeptFields)
                .contains(true, false);
        assertThat(entries)
                .extracting(one -> ((RawObject) one.message().fields()).scalar("number"))
                .containsExactlyElementsOf(LongStream.range(0, 20).boxed().toList());
        assertThat(entries).allSatisfy(one -> assertThat(one.message().fields()).containsOnlyKeys("number", "pad"));
    }

    @Test
    void keepsOnlyNumbersInMemoryWhenMessagesAreMany() {
        house.close();
        house = new House(data, new Waiting.Limits(50, 2000, 2000));
        List<String> texts =
                IntStream.range(0, 500).mapToObj(i -> "message " + i).toList();
        texts.forEach(text -> accept("anna", text));
        await().until(() -> house.inbox.depth().unrouted() == 500);
        House.Kept kept = deliver();
        await().until(() -> kept.texts().size() >= 500);
        accept("anna", "last");
        await().until(() -> kept.texts().size() >= 501);
        assertThat(kept.texts().subList(0, 500)).isEqualTo(texts);
        assertThat(kept.texts()).hasSize(501);
        await().until(() -> house.inbox.depth().unrouted() == 0);
    }

    @Test
    void takesPersonsButNoWebhooksWhenTheDiskIsShort() {
        house.settings.configure(
                Map.of("buffer", Map.of("batchWindowMs", 0L), "store", Map.of("minFreeMB", (long) Integer.MAX_VALUE)));
        await().until(() -> house.store.diskShort());
        assertThatThrownBy(() -> acceptAs(50, "octo", "webhook")).isInstanceOfSatisfying(KoshiException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED);
            assertThat(e.retryAfter()).isPresent();
        });
        assertThat(acceptAs(10, "anna", "hello").entry()).isPositive();
    }

    @Test
    void takesNothingWhileDraining() {
        house.inbox.drain(Duration.ofSeconds(1));
        assertThatThrownBy(() -> accept("anna", "late"))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OVERLOADED))
                .hasMessageContaining("draining");
        assertThat(house.inbox.acceptAsync(House.message("t", "a", "x")).toCompletableFuture())
                .isCompletedExceptionally();
    }

    @Test
    void refusesWhatIsTooLarge() {
        byte[] json = ("{\"a\":\"" + "x".repeat(MessageForm.LARGEST) + "\"}").getBytes(StandardCharsets.UTF_8);
        Message message = House.message("t", "a", "x").withFields(house.codec.lazyObject(json));
        assertThatThrownBy(() -> house.inbox.accept(message))
                .isInstanceOfSatisfying(
                        KoshiException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE));
    }

    @Test
    void tellsDepthByChannel() {
        house.settings.configure(
                Map.of("buffer", Map.of("batchWindowMs", 0L, "warnDepth", 2L), "store", Map.of("minFreeMB", 0L)));
        accept("anna", "1");
        accept("bob", "2");
        house.inbox.accept(House.message("github", "octo", "3"));
        await().until(() -> house.inbox.depth().unrouted() == 3);
        BufferMethods.Depths depths = new BufferMethods(house.inbox, house.settings).depth();
        assertThat(depths.unrouted()).isEqualTo(3);
        assertThat(depths.warn()).isTrue();
        assertThat(depths.channels())
                .extracting(BufferMethods.DepthOf::channel, BufferMethods.DepthOf::unrouted)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("github", 1L),
                        org.assertj.core.groups.Tuple.tuple("telegram", 2L));
        assertThat(house.inbox.health().status()).isEqualTo(Health.Status.DEGRADED);
        House.Kept kept = deliver();
        await().until(() -> kept.texts().size() == 3);
        await().until(() -> house.inbox.health().status() == Health.Status.HEALTHY);
    }

    @Test
    void saysOnceInTheLogThatTooMuchWaitsAndOnceThatItNoLongerDoes() {
        PrintStream err = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, UTF_8)); // where the tests' logger writes
        try {
            Depth depth = new Depth();
            depth.add("github", 11);
            assertThat(List.of(depth.high(10), depth.high(10))).containsOnly(true);
            depth.add("github", -1);
            assertThat(depth.high(10)).as("not before a tenth of it is gone").isTrue();
            depth.add("github", -1);
            assertThat(List.of(depth.high(10), depth.high(10))).containsOnly(false);
        } finally {
            System.setErr(err);
        }
        assertThat(log.toString(UTF_8).lines().filter(line -> line.contains(Depth.class.getName())))
                .satisfiesExactly(
                        high -> assertThat(high)
                                .contains("WARN", "11 messages", "buffer.warnDepth (10)", "koshi buffer"),
                        low -> assertThat(low).contains("INFO", "9 messages"));
    }

    @Test
    void namesTheSessionThatThePolicySays() {
        house.settings.configure(Map.of("sessions", Map.of("policy", "shared")));
        house.inbox.accept(House.message("telegram", "anna", "hello"));
        await().until(() -> !house.events.of("message.received").isEmpty());
        assertThat(house.codec
                        .toData(house.events.of("message.received").get(0))
                        .toString())
                .contains("sessionKey=main");
    }

    @Test
    void tellsThatAMessageWasReceived() {
        Accepted accepted = house.inbox.accept(
                House.message("telegram", "anna", "x".repeat(5000)).withExternalId("u1"));
        house.inbox.accept(House.message("telegram", "anna", "again").withExternalId("u1"));
        await().until(() -> !house.events.of("message.received").isEmpty());
        @SuppressWarnings("unchecked")
        Map<String, Object> payload = (Map<String, Object>)
                house.codec.toData(house.events.of("message.received").get(0));
        assertThat(payload)
                .containsEntry("id", accepted.id())
                .containsEntry("sessionKey", "telegram:anna")
                .containsEntry("userId", "anna")
                .containsEntry("trust", "medium")
                .containsEntry("externalId", "u1")
                .containsKeys("channel", "conversation", "type", "content", "priority", "at", "metadata");
        assertThat((String) payload.get("text")).hasSize(2000);
        assertThat(house.events.of("message.received")).hasSize(1);
    }

    @Test
    void tracesAMessageByIdAndByExternalId() {
        Accepted accepted =
                house.inbox.accept(House.message("github", "octo", "x").withExternalId("delivery-9"));
        house.inbox.open(batches -> house.store.writeNow(tx -> {
            house.inbox.dropped(tx, List.of(accepted.entry()), "#1", "rule #1 drops it");
            return null;
        }));
        BufferTrail trail = new BufferTrail(house.store, house.inbox);
        await().until(() -> trail.hops(accepted.id()).size() == 3);
        assertThat(trail.resolve("delivery-9")).containsExactly(accepted.id());
        assertThat(trail.resolve(accepted.id())).containsExactly(accepted.id());
        assertThat(trail.resolve("nothing")).isEmpty();
        assertThat(trail.hops(accepted.id()))
                .extracting(Traced.Hop::hop)
                .containsExactly("received", "batched", "routed");
        assertThat(trail.hops(accepted.id()).get(2).detail()).isEqualTo("dropped: rule #1 drops it");
        assertThat(house.inbox.find(accepted.id()).orElseThrow().message().text())
                .isEqualTo("x");
    }

    @Test
    void hasOneSinkAtATime() throws Exception {
        AutoCloseable first = house.inbox.open(batches -> {});
        assertThatThrownBy(() -> house.inbox.open(batches -> {})).hasMessageContaining("sink already");
        first.close();
        House.Kept kept = deliver();
        accept("anna", "hello");
        await().until(() -> kept.texts().contains("hello"));
    }
}
