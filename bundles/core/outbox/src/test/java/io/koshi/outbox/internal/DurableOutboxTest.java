package io.koshi.outbox.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.api.ChannelState;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Reply;
import io.koshi.outbox.Outbox;
import io.koshi.testkit.BlockedCall;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DurableOutboxTest {
    @TempDir
    Path data;

    private Rig rig;
    private FakePlatform platform;

    @BeforeEach
    void start() {
        platform = new FakePlatform();
        rig = new Rig(data, Rig.QUICK);
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private void restart(Pace pace) throws Exception {
        rig.close();
        rig = new Rig(data, pace);
    }

    private void arrived(int count) {
        await().until(() -> platform.arrived.size() >= count);
    }

    @Test
    void keepsTheOrderOfAConversationAndSendsConversationsInParallel() {
        rig.offer(platform);
        CountDownLatch four = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            platform.troubles.add(reply -> {
                four.countDown();
                assertThat(four.await(60, java.util.concurrent.TimeUnit.SECONDS))
                        .isTrue();
            });
        }
        for (int i = 0; i < 10; i++) {
            for (String conversation : List.of("a", "b", "c", "d")) {
                rig.say(conversation, conversation + i);
            }
        }
        arrived(40);
        for (String conversation : List.of("a", "b", "c", "d")) {
            assertThat(platform.texts().stream().filter(t -> t.startsWith(conversation)))
                    .containsExactly(java.util.stream.IntStream.range(0, 10)
                            .mapToObj(i -> conversation + i)
                            .toArray(String[]::new));
        }
        assertThat(platform.mostInsideOne).hasValue(1);
        assertThat(platform.mostInside.get()).isBetween(4, 8);
        await().untilAsserted(() -> assertThat(rig.outbox.stats()).isEqualTo(new Outbox.Stats(0, 0)));
    }

    @Test
    void saysWhatWasSentAfterItIsOnDisk() {
        rig.offer(platform);
        String id = rig.say("a", "hello");
        await().until(() -> rig.told("message.sent").size() == 1);
        Map<?, ?> sent = rig.told("message.sent").get(0);
        assertThat(sent.get("id")).isEqualTo(id);
        assertThat(sent.get("inReplyTo")).isEqualTo("in-hello");
        assertThat(sent.get("platformId")).isEqualTo("p-1");
        assertThat(sent.get("status")).isEqualTo("sent");
        assertThat(sent.get("attempt")).isEqualTo(1L);
        assertThat(sent.get("duplicate")).isEqualTo(false);
        assertThat(rig.stateOf(id)).isEqualTo("sent");
    }

    @Test
    void waitsForAChannelThatIsNotThere() {
        String id = rig.say("a", "early");
        assertThat(rig.outbox.stats().pending()).isEqualTo(1);
        rig.offer(platform);
        arrived(1);
        await().until(() -> rig.stateOf(id).equals("sent"));
        assertThat(platform.arrived.get(0).attempt()).isEqualTo(1);
    }

    @Test
    void waitsUntilTheChannelSaysItIsConnected() {
        platform.state = ChannelState.connecting("dialling");
        rig.offer(platform);
        String id = rig.say("a", "early");
        await().pollDelay(Duration.ofMillis(300)).until(() -> rig.stateOf(id).equals("pending"));
        assertThat(platform.arrived).isEmpty();
        platform.state = ChannelState.connected();
        arrived(1);
    }

    @Test
    void triesAgainWhenTheNetworkFailsAndHoldsBackOnlyThatConversation() {
        rig.offer(platform);
        platform.troubles.add(reply -> {
            throw new ConnectException("refused");
        });
        rig.say("a", "a1");
        rig.say("a", "a2");
        rig.say("b", "b1");
        arrived(3);
        assertThat(platform.texts().stream().filter(t -> t.startsWith("a"))).containsExactly("a1", "a2");
        Reply again = platform.arrived.stream()
                .filter(r -> r.attempt() == 2)
                .findFirst()
                .orElseThrow();
        assertThat(again.duplicate()).as("it never connected").isFalse();
        await().until(() -> rig.told("message.failed").size() == 1);
        assertThat(rig.told("message.failed").get(0))
                .containsEntry(cast("final"), cast(false))
                .containsEntry(cast("stage"), cast("send"));
    }

    @SuppressWarnings("unchecked")
    private static <T> T cast(Object o) {
        return (T) o;
    }

    @Test
    void aConnectionCutInTheMiddleMarksTheNextTryAsAPossibleDuplicate() {
        rig.offer(platform);
        platform.troubles.add(reply -> {
            throw new IOException("connection reset");
        });
        rig.say("a", "a1");
        arrived(1);
        assertThat(platform.arrived.get(0).duplicate()).isTrue();
        assertThat(platform.arrived.get(0).attempt()).isEqualTo(2);
    }

    @Test
    void honoursThePlatformsWishToWait() {
        rig.offer(platform);
        platform.troubles.add(reply -> {
            throw KoshiException.overloaded("slow down", Duration.ofMillis(700));
        });
        long start = System.nanoTime();
        rig.say("a", "a1");
        arrived(1);
        assertThat((System.nanoTime() - start) / 1_000_000).isGreaterThanOrEqualTo(690);
    }

    @Test
    void whatCannotSucceedIsADeadLetterAtOnceAndTheConversationGoesOn() {
        rig.offer(platform);
        platform.troubles.add(reply -> {
            throw new KoshiException(ErrorCode.FORBIDDEN, "the bot was blocked");
        });
        String dead = rig.say("a", "a1");
        rig.say("a", "a2");
        arrived(1);
        assertThat(platform.texts()).containsExactly("a2");
        assertThat(rig.stateOf(dead)).isEqualTo("dead");
        await().until(() -> !rig.told("message.failed").isEmpty());
        assertThat(rig.told("message.failed").get(0)).containsEntry(cast("final"), cast(true));

        var methods = new OutboxMethods(rig.outbox);
        var listed = methods.dead(new OutboxMethods.Query(10, java.util.Optional.empty()))
                .entries();
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).error().code()).isEqualTo("FORBIDDEN");
        assertThat(methods.redrive(new OutboxMethods.Which(List.of(), true)).redriven())
                .isEqualTo(1);
        arrived(2);
        assertThat(platform.texts()).containsExactly("a2", "a1");
    }

    @Test
    void givesUpAfterTheConfiguredNumberOfTries() {
        rig.offer(platform);
        for (int i = 0; i < 4; i++) {
            platform.troubles.add(reply -> {
                throw new NullPointerException("a plugin's bug");
            });
        }
        String id = rig.say("a", "a1");
        await().until(() -> rig.stateOf(id).equals("dead"));
        await().untilAsserted(() -> assertThat(rig.told("message.failed")).hasSize(4));
        assertThat(platform.arrived).isEmpty();
    }

    @Test
    void aReplyPastItsTimeIsNeverSent() throws Exception {
        String id = rig.say("a", "old");
        rig.sql("UPDATE reply SET expires_at = 1000");
        restart(Rig.QUICK);
        rig.offer(platform);
        await().until(() -> rig.stateOf(id).equals("dead"));
        await().until(() -> rig.told("message.failed").size() == 1);
        assertThat(rig.told("message.failed").get(0)).containsEntry(cast("final"), cast(true));
        assertThat(platform.arrived).isEmpty();
    }

    @Test
    void aReplyExpiresEvenWhileItsChannelIsAway() throws Exception {
        String id = rig.say("a", "old");
        rig.sql("UPDATE reply SET expires_at = 1000");
        restart(Rig.QUICK);
        await().until(() -> rig.stateOf(id).equals("dead"));
    }

    @Test
    void whatAStopCutOffIsTriedOnceMoreAndMarked() throws Exception {
        String id = rig.say("a", "cut");
        rig.sql("UPDATE reply SET state = 'sending', attempts = 1");
        restart(Rig.QUICK);
        rig.offer(platform);
        arrived(1);
        assertThat(platform.arrived.get(0).duplicate()).isTrue();
        assertThat(platform.arrived.get(0).attempt()).isEqualTo(2);
        await().until(() -> rig.told("message.sent").size() == 1);
        assertThat(rig.told("message.sent").get(0)).containsEntry(cast("duplicate"), cast(true));
        assertThat(rig.stateOf(id)).isEqualTo("sent");
    }

    @Test
    void whatIsCutOffAgainAndAgainIsTriedAgainAndThenADeadLetter() throws Exception {
        String id = rig.say("a", "cut");
        for (int kill = 1; kill < Ledger.MOST_CUT_OFF; kill++) {
            rig.sql("UPDATE reply SET state = 'sending', attempts = " + kill);
            restart(Rig.QUICK);
            assertThat(rig.stateOf(id)).isEqualTo("pending");
        }
        rig.sql("UPDATE reply SET state = 'sending', attempts = " + Ledger.MOST_CUT_OFF);
        restart(Rig.QUICK);
        rig.offer(platform);
        assertThat(rig.stateOf(id)).isEqualTo("dead");
        await().until(() -> rig.told("message.failed").size() == 1);
        assertThat(platform.arrived).isEmpty();
    }

    @Test
    void aStartDoesNotFloodAPlatformWithWhatWaited() throws Exception {
        for (int i = 0; i < 12; i++) {
            rig.say("c" + i, "old" + i);
        }
        restart(new Pace(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofMinutes(1), 4, 8));
        long start = System.nanoTime();
        rig.say("new", "new");
        rig.offer(platform);
        arrived(13);
        assertThat(platform.texts().indexOf("new"))
                .as("the new one does not wait behind the old")
                .isLessThan(10);
        assertThat((System.nanoTime() - start) / 1_000_000).isGreaterThanOrEqualTo(11 * 250);
    }

    @Test
    void aHangingSendIsGivenUpAndTriedAgainAsAPossibleDuplicate() throws Exception {
        // the second send has three seconds too, and needs none
        restart(new Pace(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofSeconds(3), 1000, 8));
        CountDownLatch deaf = new CountDownLatch(1);
        platform.troubles.add(reply -> {
            boolean open = false;
            while (!open) {
                try {
                    deaf.await();
                    open = true;
                } catch (InterruptedException e) {
                    // deaf to interrupts, as broken plugins are
                }
            }
            throw new IOException("late");
        });
        rig.offer(platform);
        rig.say("a", "a1");
        arrived(1);
        assertThat(platform.arrived.get(0).duplicate()).isTrue();
        assertThat(rig.outbox.health().status()).isEqualTo(io.koshi.api.Health.Status.DEGRADED);
        deaf.countDown();
        await().until(() -> rig.outbox.health().status() == io.koshi.api.Health.Status.HEALTHY);
        assertThat(platform.arrived).hasSize(1);
    }

    @Test
    void aDrainLetsWhatIsUnderWayFinishAndLeavesTheRest() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        platform.troubles.add(reply -> {
            inside.countDown();
            go.await();
        });
        rig.offer(platform);
        String first = rig.say("a", "a1");
        String second = rig.say("a", "a2");
        inside.await();
        BlockedCall drain = BlockedCall.begin(() -> rig.outbox.drain(Duration.ofMinutes(5)));
        go.countDown();
        drain.end();
        assertThat(rig.stateOf(first)).isEqualTo("sent");
        assertThat(rig.stateOf(second)).isEqualTo("pending");
        String third = rig.say("b", "b1");
        restart(Rig.QUICK);
        rig.offer(platform);
        arrived(3);
        await().until(() ->
                rig.stateOf(second).equals("sent") && rig.stateOf(third).equals("sent"));
        assertThat(platform.arrived).noneMatch(Reply::duplicate);
    }

    @Test
    void aChannelReplacedWhileRepliesFlowLosesNoneAndSendsNoneTwice() {
        rig.offer(platform);
        FakePlatform[] now = {platform};
        List<FakePlatform> all = new java.util.ArrayList<>(List.of(platform));
        for (int i = 0; i < 300; i++) {
            rig.say("c" + i % 5, i % 5 + "-" + i);
            if (i % 20 == 10) {
                rig.channels.remove("fake", now[0]);
            }
            if (i % 20 == 15) {
                now[0] = new FakePlatform();
                all.add(now[0]);
                rig.offer(now[0]);
            }
        }
        await().until(() -> rig.outbox.stats().pending() == 0);
        List<Reply> got = all.stream().flatMap(p -> p.arrived.stream()).toList();
        assertThat(got).hasSize(300).noneMatch(Reply::duplicate);
        assertThat(got.stream().map(Reply::text).distinct()).hasSize(300);
        for (int c = 0; c < 5; c++) {
            String prefix = c + "-";
            assertThat(got.stream()
                            .map(Reply::text)
                            .filter(t -> t.startsWith(prefix))
                            .map(t -> Integer.valueOf(t.substring(2))))
                    .isSorted();
        }
    }

    @Test
    void theTraceTellsTheReplyAndItsReceipt() {
        rig.offer(platform);
        String id = rig.say("a", "hello");
        await().until(() -> rig.stateOf(id).equals("sent"));
        OutboxTrace trace = new OutboxTrace(rig.store, rig.codec, rig.outbox);
        assertThat(trace.resolve(id)).containsExactly("in-hello");
        assertThat(trace.hops("in-hello"))
                .extracting(io.koshi.hub.Traced.Hop::hop)
                .containsExactly("reply", "sent");
    }
}
