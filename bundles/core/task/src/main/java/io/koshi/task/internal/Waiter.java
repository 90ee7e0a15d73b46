package io.koshi.task.internal;

import io.koshi.task.Leased;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A worker that waits for a task. One thread at a time looks for one: of two that look at once the one with the later
 * task could be the quicker, and the earlier would have to be given back. Thread-safe.
 */
final class Waiter {
    private final Desk.Wish wish;
    private final CompletableFuture<List<Leased>> answer = new CompletableFuture<>();
    private final AtomicInteger looks = new AtomicInteger();

    Waiter(Desk.Wish wish) {
        this.wish = wish;
    }

    Desk.Wish wish() {
        return wish;
    }

    CompletableFuture<List<Leased>> answer() {
        return answer;
    }

    /** Looks, and once more where another thread came meanwhile, which returns at once. */
    void look(Consumer<Waiter> look) {
        if (looks.getAndIncrement() > 0) {
            return;
        }
        try {
            int seen;
            do {
                seen = looks.get();
                look.accept(this);
            } while (looks.addAndGet(-seen) > 0);
        } catch (RuntimeException | Error e) {
            looks.set(0);
            throw e;
        }
    }
}
