package io.koshi.store.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one writer: joins the writes that wait into one commit.
 *
 * <p>Where nothing waits and the last group was one write, the thread that brings the next may commit it itself: that
 * saves the two thread switches to the writer and back, which cost as much as half a commit. As soon as writes meet,
 * they wait for the writer and share its commits. What one thread brings is written in its order. Thread-safe.
 */
final class GroupCommit implements AutoCloseable {
    /** Writes that may wait; beyond that callers are told to come again. */
    static final int QUEUE = 8192;

    private static final int GROUP = 512;
    private static final int RELEASED_BY_WRITER = 4;
    private static final long AT_ONCE_NANOS = 30_000; // no answer comes and goes over a socket in that time

    private final ArrayBlockingQueue<Pending<?>> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Statements statements;
    private final Transactions transactions;
    private final Completions completions;
    private final ReentrantLock writing = new ReentrantLock();
    private final Thread thread = new Thread(this::loop, "koshi-store-writer");
    private final AtomicBoolean closing = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Runnable> chores = new ConcurrentLinkedQueue<>();

    /** Writes that were queued and are in no commit yet: the writer may have taken them and not begun. */
    private final AtomicInteger unwritten = new AtomicInteger();

    private volatile long groupSince;
    private volatile boolean alone = true;
    private volatile Thread lately;
    private volatile long latelyAt;

    GroupCommit(Statements statements, Damage damage, Completions completions) {
        this.statements = statements;
        this.transactions = new Transactions(statements, damage);
        this.completions = completions;
        thread.setDaemon(true);
        thread.start();
    }

    /** Queues a write; fails it at once when too many wait or the store is closed. */
    void add(Pending<?> write) {
        if (closing.get()) {
            write.future.completeExceptionally(closed());
            return;
        }
        unwritten.incrementAndGet(); // before the writer can take it
        if (!queue.offer(write)) {
            unwritten.decrementAndGet();
            write.future.completeExceptionally(KoshiException.overloaded(
                    "the database has " + QUEUE + " writes waiting; try again", Duration.ofSeconds(1)));
        } else if (closing.get() && queue.remove(write)) {
            unwritten.decrementAndGet();
            write.future.completeExceptionally(closed());
        }
    }

    /** As {@link #add}; commits on the calling thread when nothing else is being written. */
    void addHere(Pending<?> write) {
        boolean here = alone && unwritten.get() == 0 && !writing.isHeldByCurrentThread() && !hasMore(write);
        if (!here || !writing.tryLock()) {
            add(write);
            return;
        }
        boolean told;
        try {
            if (closing.get()) {
                write.future.completeExceptionally(closed());
                return;
            }
            groupSince = System.nanoTime();
            transactions.commit(List.of(write));
            groupSince = 0;
            told = tell(write); // while the lock is held, for hooks run in the order of commits
        } finally {
            writing.unlock();
        }
        if (told) {
            write.complete();
        }
        if (!write.awaited) {
            lately = Thread.currentThread();
            latelyAt = System.nanoTime();
        }
    }

    /** Who waits may hold what a hook needs, so its hooks run elsewhere; nobody else learns of a write before them. */
    private boolean tell(Pending<?> write) {
        if (!write.awaited) {
            return completions.tellHere(write);
        }
        if (write.hasHooks()) {
            completions.add(List.of(write));
        }
        return true;
    }

    /** Whether the caller brings writes one upon the other without waiting for answers: they had better share commits. */
    private boolean hasMore(Pending<?> write) {
        return !write.awaited && lately == Thread.currentThread() && System.nanoTime() - latelyAt < AT_ONCE_NANOS;
    }

    /** What to do with the writer's connection outside of any transaction. */
    @FunctionalInterface
    interface Chore<T> {
        T run(Connection connection) throws SQLException;
    }

    /** Runs a chore on the writer's thread between two commits. */
    <T> CompletableFuture<T> between(Chore<T> chore) {
        CompletableFuture<T> done = new CompletableFuture<>();
        chores.add(() -> {
            try {
                done.complete(chore.run(statements.connection()));
            } catch (SQLException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        Pending<Void> nudge = new Pending<>(tx -> null, true);
        nudge.future.whenComplete((nothing, failure) -> {
            if (failure != null) {
                done.completeExceptionally(failure);
            }
        });
        add(nudge);
        return done;
    }

    /** Calls back after each commit, on the thread that did it; must cost next to nothing. */
    void afterEach(Runnable then) {
        transactions.afterEach(then);
    }

    /** Whether a work runs on this thread now, or nothing but works ever do. */
    boolean isCurrentThread() {
        return Thread.currentThread() == thread || writing.isHeldByCurrentThread();
    }

    long commits() {
        return transactions.commits();
    }

    long writes() {
        return transactions.writes();
    }

    /** About how many bytes of arguments were written since the start. */
    long written() {
        return transactions.written();
    }

    int queued() {
        return queue.size();
    }

    /** How long the group under way has taken, 0 when there is none. */
    Duration busyFor() {
        long since = groupSince;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** Why the database cannot be written, null when the last group could. */
    KoshiException lastFailure() {
        return transactions.lastFailure();
    }

    /** Commits what waits, then ends. */
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            Pending<Void> last = new Pending<>(tx -> null, true);
            unwritten.incrementAndGet();
            boolean interrupted = false;
            while (true) {
                try {
                    queue.put(last);
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        Waits.join(thread);
        writing.lock(); // a caller may still be committing its own
        writing.unlock();
    }

    private KoshiException closed() {
        return new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the hub is stopping; try again when it is back");
    }

    private void loop() {
        List<Pending<?>> taken = new ArrayList<>(GROUP);
        while (!closing.get() || !queue.isEmpty()) {
            taken.add(Waits.take(queue));
            alone = false; // nobody else begins while this waits for the lock
            writing.lock();
            try {
                queue.drainTo(taken, GROUP - 1);
                write(taken);
                alone = taken.size() == 1;
            } finally {
                writing.unlock();
            }
            taken.clear();
        }
    }

    private void write(List<Pending<?>> taken) {
        groupSince = System.nanoTime();
        for (Runnable chore = chores.poll(); chore != null; chore = chores.poll()) {
            chore.run();
        }
        int from = 0;
        while (from < taken.size()) {
            List<Pending<?>> waiting = taken.subList(from, taken.size());
            int size = transactions.commit(waiting);
            unwritten.addAndGet(-size); // before anybody learns that it is written
            release(new ArrayList<>(waiting.subList(0, size)));
            from += size;
        }
        groupSince = 0;
    }

    /** A few are told from here, which saves a thread switch; many would hold the writer up. */
    private void release(List<Pending<?>> group) {
        if (group.size() > RELEASED_BY_WRITER) {
            completions.add(group);
            return;
        }
        for (Pending<?> write : group) {
            if (write.awaited) {
                write.complete();
            }
            if (write.here) {
                completions.finishHere(write);
            } else if (!write.awaited || write.hasHooks()) {
                completions.add(List.of(write));
            }
        }
    }
}
