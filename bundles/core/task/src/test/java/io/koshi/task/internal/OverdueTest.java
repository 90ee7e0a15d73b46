package io.koshi.task.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.koshi.testkit.TestPools;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OverdueTest {
    private static final int SHORT = 20;

    private final TestPools pools = new TestPools();
    private final Holds holds = new Holds();
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final Overdue overdue = new Overdue(null, pools, holds, null, expired -> {
        looks.incrementAndGet();
        expired.forEach(hold -> holds.drop(hold.facts().n(), hold.fence()));
        lost.addAndGet(expired.size());
    });

    @AfterEach
    void close() {
        pools.close();
    }

    @Test
    void looksOnceAtEachDeadlineHoweverOftenAShorterLeaseCameBetween() throws Exception {
        hold(0, Duration.ofSeconds(2));
        for (int i = 1; i <= SHORT; i++) {
            hold(i, Duration.ofMillis(1));
            int so = i;
            await().atMost(Duration.ofMinutes(1)).until(() -> lost.get() >= so);
        }

        await().atMost(Duration.ofMinutes(1)).until(() -> lost.get() == SHORT + 1);
        pools.timer().submit(() -> {}).get(); // comes after all that were due at that moment

        assertThat(looks).hasValueLessThan(SHORT + 5);
    }

    private void hold(long n, Duration length) {
        long now = System.nanoTime();
        Facts facts = new Facts(
                n,
                "task" + n,
                Optional.empty(),
                Optional.empty(),
                Kind.CHAT,
                100,
                false,
                Optional.empty(),
                3,
                0,
                0,
                0,
                Optional.empty(),
                Instant.EPOCH);
        holds.put(new Hold(
                facts,
                n,
                "w",
                "",
                1,
                Instant.EPOCH,
                Instant.EPOCH,
                now,
                now + length.toNanos(),
                new AtomicBoolean(true)));
        overdue.watch();
    }
}
