package io.koshi.bench;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.event.internal.EventBus;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.LongAdder;

/** The bus in process: one publisher, one subscriber that sees every event or is told of the gap. */
final class EventBench implements Bench.Story {
    private static final int EVENTS = 5_000_000;

    @Override
    public void run(Path scratch) throws Exception {
        Table table = new Table(
                "Events in process, no disk in this path",
                "subscribers",
                "published/s",
                "delivered/s",
                "lost with notice");
        for (int subscribers : new int[] {0, 1, 8}) {
            measure(subscribers, EVENTS / 4); // warms up
            Rates rates = measure(subscribers, EVENTS);
            table.row(String.valueOf(subscribers), rates.published(), rates.delivered(), String.valueOf(rates.lost()));
        }
        table.print(System.out);
    }

    private record Rates(double published, double delivered, long lost) {}

    private static Rates measure(int subscribers, int events) throws Exception {
        try (OwnPools pools = new OwnPools()) {
            EventBus bus = new EventBus(pools);
            LongAdder delivered = new LongAdder();
            LongAdder lost = new LongAdder();
            CountDownLatch all = new CountDownLatch(subscribers);
            for (int i = 0; i < subscribers; i++) {
                bus.subscribe(List.of("bench.*", "gateway.gap"), -1, event -> {
                    if (event.payload() instanceof io.koshi.event.Gap gap) {
                        lost.add(gap.to() - gap.from() + 1);
                    } else {
                        delivered.increment();
                    }
                    if (event.seq() == events) {
                        all.countDown();
                    }
                });
            }
            long begin = System.nanoTime();
            for (int i = 0; i < events; i++) {
                long seq = bus.publish("bench", "bench.tick", i);
                if (subscribers > 0 && (seq & 1023) == 0) {
                    // a publisher that never looks back would only measure gaps: keep within the window
                    while (seq * subscribers - delivered.sum() - lost.sum() > 5_000L * subscribers) {
                        Thread.onSpinWait();
                    }
                }
            }
            double published = events / ((System.nanoTime() - begin) / 1e9);
            all.await();
            return new Rates(published, delivered.sum() / ((System.nanoTime() - begin) / 1e9), lost.sum());
        }
    }

    /** Threads for a bus outside the framework. */
    private static final class OwnPools implements Pools, AutoCloseable {
        private final ExecutorService work = Executors.newCachedThreadPool();
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

        @Override
        public ExecutorService work() {
            return work;
        }

        @Override
        public ScheduledExecutorService timer() {
            return timer;
        }

        @Override
        public Loop loop(String name, Loop.Body body) {
            throw new UnsupportedOperationException("the bus starts no loops");
        }

        @Override
        public void close() {
            work.shutdownNow();
            timer.shutdownNow();
        }
    }
}
