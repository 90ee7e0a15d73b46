package io.koshi.hub.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.Health;
import io.koshi.api.Health.Report;
import io.koshi.api.KoshiException;
import io.koshi.hub.Drain;
import io.koshi.hub.Traced;
import io.koshi.testkit.TestPools;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class HubPartsTest {
    private final TestPools pools = new TestPools();
    private final PartTable parts = new PartTable();

    @AfterEach
    void stop() {
        pools.close();
    }

    private void part(Health health, boolean core) {
        parts.add(health, new PartTable.Part(health, core));
    }

    @Test
    void aPluginThatHangsOrThrowsInItsCheckHoldsUpNobody() {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        part(() -> Report.healthy("store", "core"), true);
        part(
                () -> {
                    asked.incrementAndGet();
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return Report.healthy("hangs", "channel");
                },
                false);
        part(
                () -> {
                    throw new IllegalStateException("broken");
                },
                false);
        AtomicLong clock = new AtomicLong();
        HealthBook book = new HealthBook(parts, pools, clock::get);
        for (int i = 0; i < 3; i++) {
            clock.addAndGet(Duration.ofSeconds(1).toNanos());
            List<Report> reports = book.look().reports();
            assertThat(reports).hasSize(3);
            assertThat(reports.get(0)).isEqualTo(Report.healthy("store", "core"));
            assertThat(HealthBook.overall(reports)).isEqualTo(Health.Status.DEGRADED);
        }
        assertThat(asked).hasValue(1);
    }

    @Test
    void whoAsksAgainWithinAMomentIsToldTheSameUnlessAPartHasComeOrGone() {
        AtomicInteger asked = new AtomicInteger();
        Health store = () -> {
            asked.incrementAndGet();
            return Report.healthy("store", "core");
        };
        part(store, true);
        AtomicLong clock = new AtomicLong();
        HealthBook book = new HealthBook(parts, pools, clock::get);
        HealthBook.Look first = book.look();
        assertThat(book.look()).isSameAs(first);
        assertThat(asked).hasValue(1);

        Health late = () -> Report.unhealthy("late", "core", "broken");
        part(late, true);
        assertThat(book.look().reports()).extracting(Report::name).containsExactly("late", "store");
        parts.remove(late);
        assertThat(book.look().reports()).extracting(Report::name).containsExactly("store");

        int before = asked.get();
        clock.addAndGet(Duration.ofMillis(20).toNanos());
        book.look();
        assertThat(asked).hasValue(before + 1);
    }

    @Test
    void theHubIsAsBadAsItsWorstCorePart() {
        Report good = Report.healthy("a", "core");
        assertThat(HealthBook.overall(List.of(good))).isEqualTo(Health.Status.HEALTHY);
        assertThat(HealthBook.overall(List.of(good, Report.unhealthy("p", "channel", "x"))))
                .isEqualTo(Health.Status.DEGRADED);
        assertThat(HealthBook.overall(List.of(good, Report.unhealthy("store", "core", "x"))))
                .isEqualTo(Health.Status.UNHEALTHY);
    }

    @Test
    void drainsPhaseAfterPhaseAndGoesOnWhenAPartFails() throws InterruptedException {
        List<String> order = new CopyOnWriteArrayList<>();
        Drain outbox = drain(40, () -> order.add("outbox"));
        Drain intake = drain(10, () -> order.add("intake"));
        Drain broken = drain(20, () -> {
            order.add("broken");
            throw new IllegalStateException("broken");
        });
        new Draining(List.of(outbox, intake, broken), pools).run(Duration.ofMinutes(2));
        assertThat(order).containsExactly("intake", "broken", "outbox");
    }

    @Test
    void drainingEndsInTimeWhateverAPartDoes() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        List<String> order = new CopyOnWriteArrayList<>();
        Drain stuck = new Drain() {
            @Override
            public int phase() {
                return 10;
            }

            @Override
            public void drain(Duration limit) throws InterruptedException {
                try {
                    never.await();
                } finally {
                    interrupted.countDown();
                }
            }
        };
        new Draining(List.of(stuck, drain(20, () -> order.add("next"))), pools).run(Duration.ofMillis(300));
        interrupted.await();
        assertThat(never.getCount()).isOne();
    }

    @Test
    void aTraceIsPutTogetherInTheOrderOfTime() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        traced(List.of("m1"), hop(start.plusMillis(9), "sent"), hop(start.plusMillis(2), "reply"));
        traced(List.of(), hop(start, "routed"), hop(start, "received"));
        parts.add("broken", new Traced() {
            @Override
            public List<String> resolve(String ref) {
                throw new IllegalStateException("broken");
            }

            @Override
            public List<Hop> hops(String messageId) {
                throw new IllegalStateException("broken");
            }
        });
        HubTrace trace = new TraceBook(parts).trace("ext-1");
        assertThat(trace.id()).isEqualTo("m1");
        assertThat(trace.hops().stream().map(HubTrace.Step::hop))
                .containsExactly("received", "routed", "reply", "sent");
        assertThat(trace.state()).isEqualTo("done");
        assertThat(trace.others()).isEmpty();
    }

    @Test
    void whatNobodyKnowsIsNotFound() {
        assertThatThrownBy(() -> new TraceBook(parts).trace("nothing"))
                .isInstanceOf(KoshiException.class)
                .hasMessageContaining("nothing");
    }

    private void traced(List<String> ids, Traced.Hop... hops) {
        Traced room = new Traced() {
            @Override
            public List<String> resolve(String ref) {
                return ids;
            }

            @Override
            public List<Hop> hops(String messageId) {
                return List.of(hops);
            }
        };
        parts.add(room, room);
    }

    private static Traced.Hop hop(Instant at, String hop) {
        return new Traced.Hop(at, hop, "ref", 1, 0, "");
    }

    private static Drain drain(int phase, Runnable action) {
        return new Drain() {
            @Override
            public int phase() {
                return phase;
            }

            @Override
            public void drain(Duration limit) {
                action.run();
            }
        };
    }
}
