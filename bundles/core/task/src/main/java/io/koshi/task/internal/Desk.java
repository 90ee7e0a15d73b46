package io.koshi.task.internal;

import io.koshi.api.Pools;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Leased;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where workers from outside get tasks and bring them back. A lease is in memory: a token of an earlier start of the
 * hub is void. What a worker brings is on disk before it is told so. Thread-safe.
 */
final class Desk {
    /** Characters of prompts in one answer, after which no further task is added. */
    private static final int MOST_CHARACTERS = 2_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(Desk.class);

    private final Store store;
    private final Pools pools;
    private final Ready ready;
    private final Fresh fresh;
    private final Holds holds;
    private final Fences fences;
    private final Book book;
    private final Endings endings;
    private final Notices notices;
    private final Payloads payloads;
    private final InstantSource wall;
    private final Farewells farewells = new Farewells();
    private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean serving = new AtomicBoolean();
    private final Overdue overdue;

    Desk(
            Store store,
            Pools pools,
            Ready ready,
            Fresh fresh,
            Holds holds,
            Fences fences,
            Book book,
            Endings endings,
            Notices notices,
            Payloads payloads,
            InstantSource wall) {
        this.wall = wall;
        this.store = store;
        this.pools = pools;
        this.ready = ready;
        this.fresh = fresh;
        this.holds = holds;
        this.fences = fences;
        this.book = book;
        this.endings = endings;
        this.notices = notices;
        this.payloads = payloads;
        this.overdue = new Overdue(store, pools, holds, book, lost -> lose(lost, "its lease ran out"));
    }

    /**
     * What a worker asks for.
     *
     * @param connection whose end gives the leases back; empty for none
     */
    record Wish(String worker, String connection, List<Line> lines, int max, Duration time) {}

    /** The next tasks; waits for one up to a time where there is none. */
    CompletableFuture<List<Leased>> lease(Wish wish, Duration wait) {
        CompletableFuture<Void> unknown = ready.known(wish.lines());
        if (unknown != null) {
            return unknown.thenCompose(known -> lease(wish, wait));
        }
        List<Leased> leased = grant(wish);
        if (!leased.isEmpty() || wait.isZero()) {
            return CompletableFuture.completedFuture(leased);
        }
        Waiter waiter = new Waiter(wish);
        waiters.add(waiter);
        waiter.answer().completeOnTimeout(List.of(), wait.toMillis(), TimeUnit.MILLISECONDS);
        waiter.answer().whenComplete((tasks, failure) -> waiters.remove(waiter));
        if (farewells.contains(wish.connection())) {
            waiter.answer().complete(List.of());
        }
        arrived(); // one may have come meanwhile
        return waiter.answer();
    }

    /** A task came: those who wait are served. */
    void arrived() {
        if (!waiters.isEmpty() && serving.compareAndSet(false, true)) {
            try {
                pools.work().execute(this::serve);
            } catch (RejectedExecutionException busy) {
                serving.set(false);
            }
        }
    }

    private void serve() {
        serving.set(false);
        for (Waiter waiter : waiters) {
            waiter.look(this::serve);
        }
    }

    private void serve(Waiter waiter) {
        if (waiter.answer().isDone() || ready.known(waiter.wish().lines()) != null) {
            return; // a page that is being read tells when it is there
        }
        List<Leased> leased = grant(waiter.wish());
        if (!leased.isEmpty() && !waiter.answer().complete(leased)) {
            leased.forEach(task -> giveBack(task.number(), task.fence(), "its worker did not wait"));
        }
    }

    private List<Leased> grant(Wish wish) {
        List<Leased> leased = new ArrayList<>();
        int characters = 0;
        for (long key : ready.poll(wish.lines(), wish.max())) {
            long n = Facts.n(key);
            Optional<Book.Work> work = characters > MOST_CHARACTERS ? Optional.empty() : read(n);
            if (work.isEmpty()) {
                ready.lookAgain(n);
                continue;
            }
            Hold hold = hold(work.get().facts(), wish);
            holds.put(hold);
            notices.leased(Held.of(hold));
            characters += work.get().prompt().length();
            leased.add(work.get().leased(hold));
        }
        if (!leased.isEmpty()) {
            overdue.watch();
            if (farewells.contains(wish.connection())) {
                closed(wish.connection());
            }
        }
        return leased;
    }

    private Optional<Book.Work> read(long n) {
        try {
            return fresh.take(n).or(() -> book.work(n));
        } catch (RuntimeException e) {
            LOG.warn("Task number {} cannot be read and is left for later: {}", n, e.getMessage());
            return Optional.empty();
        }
    }

    private Hold hold(Facts facts, Wish wish) {
        Instant now = wall.instant();
        return new Hold(
                facts,
                fences.next(),
                wish.worker(),
                wish.connection(),
                facts.attempts() + 1,
                now,
                now.plus(wish.time()),
                System.nanoTime(),
                System.nanoTime() + wish.time().toNanos(),
                new AtomicBoolean());
    }

    /** The row of a task that is most likely held. */
    long number(String taskId) {
        return TaskIds.count(taskId)
                .filter(holds::holds)
                .or(() -> holds.number(taskId))
                .orElseGet(() -> book.number(taskId));
    }

    /** Lengthens a lease from now on. */
    Hold renew(long n, long fence, Duration time) {
        Hold renewed = holds.renew(n, fence, wall.instant().plus(time), System.nanoTime() + time.toNanos());
        overdue.watch();
        return renewed;
    }

    /** Ends a task well; completes when that is on disk. */
    CompletableFuture<Void> done(long n, long fence, String result) {
        Payloads.checkResult(result);
        Hold hold = claim(n, fence);
        if (!Payloads.large(result)) {
            return endHere(hold, tx -> endings.done(tx, Held.of(hold), Outcome.done(result)))
                    .thenAccept(ended -> check(ended, n));
        }
        return CompletableFuture.supplyAsync(() -> payloads.put(result), pools.work())
                .thenCompose(ref -> end(hold, tx -> endings.done(tx, Held.of(hold), Outcome.doneByReference(ref))))
                .thenAccept(ended -> check(ended, n))
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        holds.unclaim(fence);
                    }
                });
    }

    /** Ends an attempt badly, for another try or for good; completes when that is on disk. */
    CompletableFuture<Void> failed(long n, long fence, Outcome outcome, boolean forGood, Optional<Duration> pause) {
        Hold hold = claim(n, fence);
        return endHere(
                        hold,
                        tx -> forGood
                                ? endings.failed(tx, Held.of(hold), outcome)
                                : endings.again(tx, Held.of(hold), outcome, pause))
                .thenAccept(ended -> check(ended, n));
    }

    private void check(boolean ended, long n) {
        if (!ended) {
            throw book.refusal(n);
        }
    }

    private Hold claim(long n, long fence) {
        return holds.claim(n, fence).orElseThrow(() -> book.refusal(n));
    }

    /** The end of a lease, in one commit. */
    private interface End {
        boolean in(Tx tx);
    }

    private CompletableFuture<Boolean> end(Hold hold, End end) {
        return watched(hold, store.write(tx -> ended(tx, hold, end)));
    }

    /** As {@link #end}, for a worker that waits for it. */
    private CompletableFuture<Boolean> endHere(Hold hold, End end) {
        return watched(hold, store.writeHere(tx -> ended(tx, hold, end)));
    }

    private boolean ended(Tx tx, Hold hold, End end) {
        boolean ended = end.in(tx);
        if (!ended) {
            tx.afterCommit(() -> holds.drop(hold.facts().n(), hold.fence()));
        }
        return ended;
    }

    private CompletableFuture<Boolean> watched(Hold hold, CompletableFuture<Boolean> end) {
        return end.whenComplete((nothing, failure) -> {
            if (failure != null) {
                holds.unclaim(hold.fence());
                overdue.watch();
            }
        });
    }

    /** A connection has ended: what it held goes to others now. */
    void closed(String connection) {
        if (connection.isEmpty()) {
            return;
        }
        farewells.add(connection);
        for (Waiter waiter : waiters) {
            if (waiter.wish().connection().equals(connection)) {
                waiter.answer().complete(List.of());
            }
        }
        lose(holds.claimOf(connection), "its worker's connection ended");
    }

    private void giveBack(long n, long fence, String why) {
        holds.claim(n, fence)
                .ifPresent(hold ->
                        end(hold, tx -> endings.again(tx, Held.of(hold), Outcome.released(why), Optional.empty())));
    }

    private void lose(List<Hold> lost, String why) {
        for (Hold hold : lost) {
            end(hold, tx -> endings.again(tx, Held.of(hold), Outcome.lost(why), Optional.empty()));
        }
    }
}
