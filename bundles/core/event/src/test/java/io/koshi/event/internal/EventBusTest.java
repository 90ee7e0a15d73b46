package io.koshi.event.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.event.Event;
import io.koshi.event.Follower;
import io.koshi.event.Gap;
import io.koshi.event.Subscription;
import io.koshi.testkit.TestPools;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventBusTest {
    private final TestPools pools = new TestPools();
    private final EventBus bus = new EventBus(pools);
    private final List<Event> seen = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        pools.close();
    }

    private List<Long> seqs() {
        synchronized (seen) {
            return seen.stream().map(Event::seq).toList();
        }
    }

    @Test
    void numbersEveryEventFromOneAndBringsThemInOrder() {
        bus.subscribe(List.of("*"), -1, seen::add);
        for (int i = 1; i <= 5_000; i++) {
            assertThat(bus.publish("test", "a." + i % 7, i)).isEqualTo(i);
        }
        await().until(() -> seen.size() == 5_000);
        assertThat(seqs())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 5_000).boxed().toList());
        assertThat(bus.seq()).isEqualTo(5_000);
    }

    @Test
    void manyPublishersAndSubscribersSeeOneOrder() throws Exception {
        List<Event> other = Collections.synchronizedList(new ArrayList<>());
        bus.subscribe(List.of("*"), -1, seen::add);
        bus.subscribe(List.of("x.*"), -1, other::add);
        CountDownLatch done = new CountDownLatch(4);
        for (int p = 0; p < 4; p++) {
            pools.work().execute(() -> {
                for (int i = 0; i < 2_000; i++) {
                    bus.publish("test", i % 2 == 0 ? "x.y" : "z", i);
                }
                done.countDown();
            });
        }
        done.await();
        await().until(() -> seen.size() == 8_000 && other.size() == 4_000);
        assertThat(seqs()).isSorted().doesNotHaveDuplicates();
        assertThat(other.stream().map(Event::seq).toList()).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void replaysWhatIsKeptAndThenGoesOn() {
        for (int i = 0; i < 10; i++) {
            bus.publish("test", i % 2 == 0 ? "even" : "odd", i);
        }
        Subscription subscription = bus.subscribe(List.of("odd"), 4, seen::add);
        assertThat(subscription.startedAt()).isEqualTo(10);
        assertThat(subscription.replayed()).isEqualTo(3);
        bus.publish("test", "odd", "new");
        await().until(() -> seen.size() == 4);
        assertThat(seqs()).containsExactly(6L, 8L, 10L, 11L);
    }

    @Test
    void whoHasNoRoomIsAskedAgainWithTheSameEvent() {
        AtomicInteger room = new AtomicInteger(3);
        AtomicInteger rests = new AtomicInteger();
        Subscription subscription = bus.follow(List.of("*"), -1, new Follower() {
            @Override
            public boolean take(Event event) {
                return room.getAndDecrement() > 0 && seen.add(event);
            }

            @Override
            public void rest() {
                rests.incrementAndGet();
            }
        });
        for (int i = 0; i < 10; i++) {
            bus.publish("test", "a", i);
        }
        await().until(() -> seen.size() == 3 && rests.get() > 0);
        assertThat(seqs()).containsExactly(1L, 2L, 3L);
        room.set(4);
        subscription.resume();
        await().until(() -> seen.size() == 7);
        room.set(100);
        subscription.resume();
        await().until(() -> seen.size() == 10);
        assertThat(seqs()).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void whoHasNoRoomForTooLongIsToldWhatItLost() {
        bus.resize(16);
        AtomicInteger room = new AtomicInteger(1);
        AtomicInteger refusals = new AtomicInteger();
        CountDownLatch published = new CountDownLatch(1);
        Subscription subscription = bus.follow(List.of("*"), -1, event -> {
            if (!seen.isEmpty()) {
                awaitQuietly(published); // or it would be told of a gap that still grows
            }
            if (room.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                return seen.add(event);
            }
            refusals.incrementAndGet();
            return false;
        });
        bus.publish("test", "a", 0);
        await().until(() -> seen.size() == 1);
        for (int i = 1; i < 40; i++) {
            bus.publish("test", "a", i);
        }
        published.countDown();
        await().until(() -> refusals.get() > 0);
        room.set(1); // for the gap alone
        subscription.resume();
        await().until(() -> seen.size() == 2);
        assertThat(seen.get(1).payload()).isEqualTo(new Gap(2, 24, "slow"));
        room.set(100);
        subscription.resume();
        await().until(() -> seen.size() == 18);
        assertThat(seqs().subList(2, 18))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(25, 40).boxed().toList());
    }

    @Test
    void whoHasRoomAgainBeforeTheBusKnewOfNoneIsAskedAgain() {
        AtomicInteger asked = new AtomicInteger();
        AtomicReference<Subscription> mine = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        mine.set(bus.follow(List.of("*"), -1, event -> {
            awaitQuietly(known);
            if (asked.incrementAndGet() == 1) {
                mine.get().resume(); // another thread made room between the look and the answer
                return false;
            }
            return seen.add(event);
        }));
        known.countDown();
        bus.publish("test", "a", 0);
        await().until(() -> seen.size() == 1);
        assertThat(asked).hasValue(2);
    }

    @Test
    void aThousandFollowersTakeTurnsOnAFewThreads() {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        for (int i = 0; i < 1_000; i++) {
            bus.follow(List.of("*"), -1, event -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                inside.decrementAndGet();
                return taken.incrementAndGet() > 0;
            });
        }
        for (int i = 0; i < 20; i++) {
            bus.publish("test", "a", i);
        }
        await().until(() -> taken.get() == 20_000);
        assertThat(most.get())
                .isLessThanOrEqualTo(Math.max(2, Runtime.getRuntime().availableProcessors()));
    }

    @Test
    void sinceTheNewestReplaysNothing() {
        bus.publish("test", "a", 1);
        Subscription subscription = bus.subscribe(List.of("*"), 1, seen::add);
        assertThat(subscription.replayed()).isZero();
        bus.publish("test", "a", 2);
        await().until(() -> seen.size() == 1);
        assertThat(seqs()).containsExactly(2L);
    }

    @Test
    void aReplayFromBeforeTheWindowBeginsWithAGap() {
        bus.resize(16);
        for (int i = 0; i < 40; i++) {
            bus.publish("test", "a", i);
        }
        Subscription subscription = bus.subscribe(List.of("*"), 3, seen::add);
        assertThat(subscription.replayed()).isEqualTo(16);
        await().until(() -> seen.size() == 17);
        assertThat(seen.get(0).topic()).isEqualTo("gateway.gap");
        assertThat(seen.get(0).payload()).isEqualTo(new Gap(4, 24, "window"));
        assertThat(seqs().subList(1, 17))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(25, 40).boxed().toList());
    }

    @Test
    void aNumberFromAnEarlierStartReplaysEverythingAfterAGap() {
        bus.publish("test", "a", 1);
        bus.publish("test", "a", 2);
        bus.subscribe(List.of("*"), 5_000, seen::add);
        await().until(() -> seen.size() == 3);
        assertThat(seen.get(0).payload()).isEqualTo(new Gap(1, 0, "restart"));
        assertThat(seqs().subList(1, 3)).containsExactly(1L, 2L);
    }

    @Test
    void aSlowSubscriberIsToldWhatItLostAndGoesOnWithTheOldestKept() throws Exception {
        bus.resize(1_000);
        CountDownLatch hold = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(1);
        bus.subscribe(List.of("*"), -1, event -> {
            seen.add(event);
            held.countDown();
            awaitQuietly(hold);
        });
        bus.publish("test", "a", 0);
        held.await();
        for (int i = 0; i < 5_000; i++) {
            bus.publish("test", "a", i);
        }
        hold.countDown();
        await().until(() -> seen.get(seen.size() - 1).seq() == 5_001);
        Event gap = seen.get(1);
        assertThat(gap.payload()).isEqualTo(new Gap(2, 4_001, "slow"));
        assertThat(seqs().subList(2, seen.size()))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(4_002, 5_001).boxed().toList());
    }

    @Test
    void aQuietSubscriberLosesNothingToOthersTraffic() {
        bus.resize(16);
        bus.subscribe(List.of("rare"), -1, seen::add);
        bus.publish("test", "rare", 1);
        await().until(() -> seen.size() == 1);
        for (int i = 0; i < 1_000; i++) {
            bus.publish("test", "often", i);
        }
        bus.publish("test", "rare", 2);
        await().until(() -> seen.size() == 2);
        assertThat(seen).extracting(Event::payload).containsExactly(1, 2);
    }

    @Test
    void aListenerThatThrowsStaysSubscribed() {
        AtomicInteger calls = new AtomicInteger();
        bus.subscribe(List.of("*"), -1, event -> {
            calls.incrementAndGet();
            throw new NoClassDefFoundError("a plugin's mistake");
        });
        bus.publish("test", "a", 1);
        bus.publish("test", "a", 2);
        await().until(() -> calls.get() == 2);
    }

    @Test
    void aBlockedSubscriberHoldsUpNobody() {
        CountDownLatch hold = new CountDownLatch(1);
        bus.subscribe(List.of("*"), -1, event -> awaitQuietly(hold));
        bus.subscribe(List.of("*"), -1, seen::add);
        for (int i = 0; i < 100; i++) {
            bus.publish("test", "a", i);
        }
        await().until(() -> seen.size() == 100);
        hold.countDown();
    }

    @Test
    void noCallStartsAfterClose() throws Exception {
        for (int round = 0; round < 200; round++) {
            AtomicLong calls = new AtomicLong();
            Semaphore called = new Semaphore(0);
            Subscription subscription = bus.subscribe(List.of("*"), -1, event -> {
                calls.incrementAndGet();
                called.release();
            });
            CountDownLatch published = new CountDownLatch(1);
            pools.work().execute(() -> {
                for (int i = 0; i < 500; i++) {
                    bus.publish("test", "a", i);
                }
                published.countDown();
            });
            called.acquire();
            subscription.close();
            long then = calls.get();
            published.await();
            assertThat(calls).hasValue(then);
        }
        assertThat(bus.subscribers()).isZero();
    }

    @Test
    void closeWaitsForTheCallThatIsUnderWay() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        Subscription subscription = bus.subscribe(List.of("*"), -1, event -> {
            inside.countDown();
            awaitQuietly(hold);
            seen.add(event);
        });
        bus.publish("test", "a", 1);
        inside.await();
        Future<Integer> closing = pools.work().submit(() -> {
            subscription.close();
            return seen.size();
        });
        await().until(() -> bus.subscribers() == 0);
        hold.countDown();
        assertThat(closing.get(60, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void aListenerMayCloseItsOwnSubscription() {
        Subscription[] own = new Subscription[1];
        CountDownLatch ready = new CountDownLatch(1);
        own[0] = bus.subscribe(List.of("*"), -1, event -> {
            awaitQuietly(ready);
            seen.add(event);
            own[0].close();
        });
        ready.countDown();
        bus.publish("test", "a", 1);
        await().until(() -> seen.size() == 1);
        bus.publish("test", "a", 2);
        await().until(() -> bus.subscribers() == 0);
        assertThat(seqs()).containsExactly(1L);
    }

    @Test
    void aWindowThatGrowsOrShrinksKeepsWhatItCan() {
        bus.resize(16);
        for (int i = 0; i < 100; i++) {
            bus.publish("test", "a", i);
        }
        bus.resize(64);
        bus.publish("test", "a", 100);
        bus.subscribe(List.of("*"), 0, seen::add);
        await().until(() -> seen.size() == 18);
        assertThat(seen.get(0).payload()).isEqualTo(new Gap(1, 84, "window"));
        assertThat(seqs().get(17)).isEqualTo(101L);
        seen.clear();
        bus.resize(4);
        bus.subscribe(List.of("*"), 0, seen::add);
        await().until(() -> seen.size() == 5);
        assertThat(seen.get(0).payload()).isEqualTo(new Gap(1, 97, "window"));
    }

    /**
     * The floor of issue 2 is 500,000 a second; on the build machine it is several times that. What counts is the time
     * that the two threads have of a processor: a busy machine gives them it later, not more of it.
     */
    @Test
    void carriesHalfAMillionEventsASecondToOneSubscriber() throws Exception {
        int events = 500_000;
        ThreadMXBean cpu = ManagementFactory.getThreadMXBean();
        bus.resize(1_000_000);
        double best = 0;
        for (int round = 0; round < 6; round++) {
            CountDownLatch all = new CountDownLatch(1);
            AtomicLong count = new AtomicLong();
            AtomicLong delivering = new AtomicLong();
            Subscription subscription = bus.subscribe(List.of("run.*"), -1, event -> {
                long nth = count.incrementAndGet();
                if (nth == 1) {
                    delivering.set(-cpu.getCurrentThreadCpuTime());
                } else if (nth == events) {
                    delivering.addAndGet(cpu.getCurrentThreadCpuTime());
                    all.countDown();
                }
            });
            long began = cpu.getCurrentThreadCpuTime();
            for (int i = 0; i < events; i++) {
                bus.publish("agent", "run.delta", "payload");
            }
            long publishing = cpu.getCurrentThreadCpuTime() - began;
            assertThat(all.await(2, TimeUnit.MINUTES)).isTrue();
            double rate = events * 1e9 / Math.max(publishing, delivering.get());
            System.err.printf("%,.0f events/s of the busier thread's time%n", rate);
            best = Math.max(best, rate);
            subscription.close();
        }
        assertThat(best).isGreaterThan(500_000);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
