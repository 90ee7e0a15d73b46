package io.koshi.pool.internal;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.koshi.api.Loop;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BundlePoolsTest {
    private final Threads threads = new Threads();
    private final BundlePools pools = new BundlePools(threads, "io.koshi.channel.test");
    private final BundlePools neighbour = new BundlePools(threads, "io.koshi.channel.neighbour");

    @AfterEach
    void stop() {
        threads.stop();
    }

    @Test
    void tasksThatWaitForOtherTasksDoNotStopEachOther() throws Exception {
        int pairs = 40;
        CountDownLatch all = new CountDownLatch(pairs);
        List<Future<?>> waiting = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            waiting.add(pools.work().submit(() -> {
                all.countDown();
                all.await();
                return pools.work().submit(() -> "done").get();
            }));
        }
        for (Future<?> future : waiting) {
            assertThat(future.get(60, SECONDS)).isEqualTo("done");
        }
    }

    @Test
    void refusesWorkPastItsBoundInsteadOfGrowingForEver() {
        ElasticPool small = new ElasticPool("small", 2, 2);
        CountDownLatch hold = new CountDownLatch(1);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10; i++) {
                        small.execute(() -> awaitQuietly(hold));
                    }
                })
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("try again later");
        hold.countDown();
        small.shutdownNow();
    }

    @Test
    void aLoopEndsWithItsBundleAndIsInterrupted() {
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        pools.loop("poll", () -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.set(true);
                throw e;
            }
        });
        awaitQuietly(running);

        pools.close();

        assertThat(interrupted).isTrue();
        assertThat(threads.stuck()).isEmpty();
        assertThat(liveThreads("koshi-loop-poll")).isZero();
        assertThatThrownBy(() -> pools.loop("late", () -> {})).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aLoopThatFailsRunsAgainAfterAPause() {
        AtomicInteger runs = new AtomicInteger();
        CountDownLatch second = new CountDownLatch(2);
        Loop loop = pools.loop("flaky", () -> {
            second.countDown();
            if (runs.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("an error ends no loop either");
            }
        });
        awaitQuietly(second);
        loop.close();
        assertThat(runs).hasValue(2);
    }

    @Test
    void aThreadThatDoesNotEndIsNamedInHealthUntilItDoes() {
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean go = new AtomicBoolean(true);
        pools.loop("deaf", () -> {
            running.countDown();
            while (go.get()) {
                Thread.onSpinWait();
            }
        });
        awaitQuietly(running);

        long began = System.nanoTime();
        pools.close();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(4));
        PoolHealth health = new PoolHealth(threads);
        assertThat(health.health().message()).get().asString().contains("koshi-loop-deaf");
        assertThat(health.health().data()).containsEntry("stuck", List.of("koshi-loop-deaf"));

        go.set(false);
        await().untilAsserted(() -> assertThat(health.health().message()).isEmpty());
    }

    @Test
    void whatABundleQueuedOrScheduledEndsWithItAndItsNeighboursWorkGoesOn() throws Exception {
        AtomicInteger ticks = new AtomicInteger();
        Semaphore neighbourTicks = new Semaphore(0);
        pools.timer().scheduleAtFixedRate(ticks::incrementAndGet, 0, 5, MILLISECONDS);
        neighbour.timer().scheduleAtFixedRate(neighbourTicks::release, 0, 5, MILLISECONDS);
        await().until(() -> ticks.get() > 2);
        CountDownLatch running = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        pools.work().execute(() -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        running.await();

        pools.close();

        assertThat(interrupted).isTrue();
        neighbourTicks.drainPermits();
        assertThat(neighbourTicks.tryAcquire(20, 60, SECONDS)).isTrue();
        int then = ticks.get(); // one that was under way has ended
        assertThat(neighbourTicks.tryAcquire(20, 60, SECONDS)).isTrue();
        assertThat(ticks).hasValue(then);
        assertThat(neighbour.work().submit(() -> "on").get(60, SECONDS)).isEqualTo("on");
        assertThatThrownBy(() -> pools.work().execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> pools.timer().schedule(() -> {}, 1, SECONDS))
                .isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aPeriodicTaskThatThrowsGoesOn() {
        AtomicInteger ticks = new AtomicInteger();
        pools.timer()
                .scheduleWithFixedDelay(
                        () -> {
                            ticks.incrementAndGet();
                            throw new IllegalStateException("again");
                        },
                        0,
                        1,
                        MILLISECONDS);
        await().until(() -> ticks.get() > 3);
    }

    @Test
    void theTimerGivesACallablesValueAndItsFailure() throws Exception {
        assertThat(pools.timer().schedule(() -> "value", 1, MILLISECONDS).get(60, SECONDS))
                .isEqualTo("value");
        assertThatThrownBy(() -> pools.timer()
                        .schedule(
                                () -> {
                                    throw new IllegalStateException("no value");
                                },
                                1,
                                MILLISECONDS)
                        .get(60, SECONDS))
                .hasMessageContaining("no value");
    }

    @Test
    void manyTimersLeaveNothingBehindInTheView() throws Exception {
        for (int i = 0; i < 5_000; i++) {
            pools.timer().schedule(() -> {}, 1, SECONDS).cancel(false);
        }
        assertThat(pools.timer().schedule(() -> "still works", 0, SECONDS).get(60, SECONDS))
                .isEqualTo("still works");
        assertThat(threads.timer().getQueue()).isEmpty();
    }

    @Test
    void aTimerThatIsOverKeepsNothingOfWhatItKnew() throws Exception {
        List<ScheduledFuture<?>> over = new ArrayList<>();
        List<WeakReference<byte[]>> known = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            byte[] plugins = new byte[16];
            known.add(new WeakReference<>(plugins));
            over.add(
                    i < 4
                            ? pools.timer().schedule(() -> plugins[0]++, i < 2 ? 600_000 : 0, MILLISECONDS)
                            : pools.timer().scheduleAtFixedRate(() -> plugins[0]++, 0, 1, MILLISECONDS));
        }

        over.subList(0, 2).forEach(timer -> timer.cancel(false));
        for (ScheduledFuture<?> ran : over.subList(2, 4)) {
            ran.get(60, SECONDS);
        }
        over.get(4).cancel(false);

        await().untilAsserted(() -> {
            System.gc();
            assertThat(known)
                    .allSatisfy(reference -> assertThat(reference.get()).isNull());
        });
        assertThat(over).allMatch(Future::isDone);
    }

    @Test
    void poolThreadsSeeTheApplicationsClassLoaderEvenAfterATaskChangedIt() throws Exception {
        try (URLClassLoader plugin = new URLClassLoader(new URL[0])) {
            pools.work()
                    .submit(() -> Thread.currentThread().setContextClassLoader(plugin))
                    .get();
            for (int i = 0; i < 8; i++) {
                assertThat(pools.work()
                                .submit(() -> Thread.currentThread().getContextClassLoader())
                                .get())
                        .isSameAs(ClassLoader.getSystemClassLoader());
            }
            Thread.currentThread().setContextClassLoader(plugin);
            AtomicReference<ClassLoader> seen = new AtomicReference<>();
            Loop loop =
                    pools.loop("loader", () -> seen.set(Thread.currentThread().getContextClassLoader()));
            await().until(() -> seen.get() != null);
            loop.close();
            assertThat(seen.get()).isSameAs(ClassLoader.getSystemClassLoader());
        } finally {
            Thread.currentThread().setContextClassLoader(ClassLoader.getSystemClassLoader());
        }
    }

    @Test
    void threadLocalsOfAGoneBundleGoToo() throws Exception {
        List<WeakReference<byte[]>> kept = new ArrayList<>();
        kept.add(pools.work().submit(BundlePoolsTest::leaveInThread).get());
        kept.add(pools.timer()
                .schedule(BundlePoolsTest::leaveInThread, 0, SECONDS)
                .get());
        System.gc();
        assertThat(kept).allSatisfy(reference -> assertThat(reference.get()).isNotNull());

        pools.close();

        await().untilAsserted(() -> {
            System.gc();
            assertThat(kept).allSatisfy(reference -> assertThat(reference.get()).isNull());
        });
        assertThat(neighbour.timer().schedule(() -> "on", 0, SECONDS).get(60, SECONDS))
                .isEqualTo("on");
    }

    private static final ThreadLocal<byte[]> LEFT = new ThreadLocal<>();

    private static WeakReference<byte[]> leaveInThread() {
        LEFT.set(new byte[16]);
        return new WeakReference<>(LEFT.get());
    }

    private static long liveThreads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .count();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
