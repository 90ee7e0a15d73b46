package io.koshi.task.internal;

import io.koshi.api.Pools;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Tells those inside the hub who run tasks that there is one; many wakes in a row become one. Thread-safe. */
final class Takers {
    private final Pools pools;
    private final Set<Taker> takers = new CopyOnWriteArraySet<>();

    Takers(Pools pools) {
        this.pools = pools;
    }

    AutoCloseable add(Runnable listener) {
        Taker taker = new Taker(listener);
        takers.add(taker);
        taker.wake();
        return () -> takers.remove(taker);
    }

    void wake() {
        takers.forEach(Taker::wake);
    }

    /** One listener, called once at a time, and once more when it was woken meanwhile. */
    private final class Taker implements Runnable {
        private final Runnable listener;
        private final AtomicInteger wakes = new AtomicInteger();

        Taker(Runnable listener) {
            this.listener = listener;
        }

        void wake() {
            if (wakes.getAndIncrement() == 0) {
                try {
                    pools.work().execute(this);
                } catch (RejectedExecutionException busy) {
                    wakes.set(0); // the next task wakes it
                }
            }
        }

        @Override
        public void run() {
            int seen = wakes.get();
            try {
                listener.run();
            } finally {
                if (!wakes.compareAndSet(seen, 0)) {
                    wakes.set(0);
                    wake();
                }
            }
        }
    }
}
