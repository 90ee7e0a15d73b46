package io.koshi.task.internal;

import io.koshi.api.Pools;
import io.koshi.event.Events;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.internal.TaskViews.Changed;
import io.koshi.task.internal.TaskViews.Failure;
import io.koshi.task.internal.TaskViews.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Brings what a commit changed to the queue in memory, the counts and the bus, in the order of commits. Thread-safe. */
final class Notices {
    private final Store store;
    private final Events events;
    private final Pools pools;
    private final Ready ready;
    private final Fresh fresh;
    private final Takers takers;
    private final Holds holds;
    private final Tally tally;

    Notices(
            Store store,
            Events events,
            Pools pools,
            Ready ready,
            Fresh fresh,
            Takers takers,
            Holds holds,
            Tally tally) {
        this.store = store;
        this.events = events;
        this.pools = pools;
        this.ready = ready;
        this.fresh = fresh;
        this.takers = takers;
        this.holds = holds;
        this.tally = tally;
    }

    /** A task was made; the work is absent where a worker had better read it. */
    void made(Tx tx, Facts facts, Status status, Optional<Book.Work> work) {
        tx.afterCommit(() -> {
            tally.made(facts, status);
            work.ifPresent(fresh::add);
            arrive(facts, status);
            publish(facts, status, Optional.empty(), facts.attempts(), Optional.empty());
        });
    }

    /** A task that nobody holds changed. */
    void moved(Tx tx, Facts facts, Status from, Status to, Optional<Failure> error) {
        tx.afterCommit(() -> {
            tally.moved(facts, from, to);
            gone(facts);
            arrive(facts, to);
            publish(facts, to, Optional.empty(), facts.attempts(), error);
        });
    }

    /** A queued task goes from the workers outside to the hub's own. */
    void handedOver(Tx tx, Facts facts) {
        tx.afterCommit(() -> {
            gone(facts);
            takers.wake();
        });
    }

    /** A task is called something else. */
    void renamed(Tx tx, long n) {
        tx.afterCommit(() -> fresh.take(n));
    }

    /** A queued task has another place. */
    void resorted(Tx tx, Facts before, Facts after) {
        tx.afterCommit(() -> {
            gone(before);
            if (!holds.holds(after.n())) {
                ready.add(after.line(), after.key());
            }
        });
    }

    /** A lease on disk began. */
    void taken(Tx tx, Held held) {
        tx.afterCommit(() -> {
            gone(held.facts());
            leased(held);
        });
    }

    /** A lease in memory began. */
    void leased(Held held) {
        tally.moved(held.facts(), Status.QUEUED, Status.LEASED);
        publish(held.facts(), Status.LEASED, Optional.of(held.worker()), held.attempt(), Optional.empty());
    }

    /** A leased task ended. */
    void ended(Tx tx, Held held, Status status, Optional<Failure> error) {
        tx.afterCommit(() -> {
            Facts facts = held.facts();
            holds.drop(facts.n(), held.fence());
            gone(facts);
            tally.moved(facts, Status.LEASED, status);
            publish(facts, status, Optional.of(held.worker()), held.attempt(), error);
        });
    }

    /** A leased task is queued again, now or after a pause. */
    void again(Tx tx, Held held, Duration pause, Optional<Failure> error) {
        tx.afterCommit(() -> {
            Facts facts = held.facts();
            holds.drop(facts.n(), held.fence());
            tally.moved(facts, Status.LEASED, Status.QUEUED);
            if (pause.isZero()) {
                arrive(facts, Status.QUEUED);
            } else {
                gone(facts);
                later(facts.n(), pause);
            }
            publish(facts, Status.QUEUED, Optional.of(held.worker()), held.attempt(), error);
        });
    }

    /** Lets a task that waits for its next try go on when the pause is over; the pause knows no wall clock. */
    void later(long n, Duration pause) {
        try {
            pools.timer().schedule(() -> store.write(tx -> wake(tx, n)), pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            // next_at is on disk
        }
    }

    private boolean wake(Tx tx, long n) {
        int changed = tx.update(
                "UPDATE task SET next_at = NULL WHERE n = ? AND status = 'queued' AND next_at IS NOT NULL", n);
        if (changed > 0) {
            Facts facts = tx.first("SELECT " + Facts.COLUMNS + " FROM task t WHERE t.n = ?", Facts::of, n)
                    .orElseThrow();
            tx.afterCommit(() -> arrive(facts, Status.QUEUED));
        }
        return changed > 0;
    }

    private void gone(Facts facts) {
        ready.gone(facts.line(), facts.key());
        fresh.take(facts.n());
    }

    private void arrive(Facts facts, Status status) {
        if (status != Status.QUEUED) {
            return;
        }
        if (facts.autoRun()) {
            takers.wake();
        } else {
            ready.add(facts.line(), facts.key());
        }
    }

    private void publish(Facts facts, Status status, Optional<String> worker, int attempt, Optional<Failure> error) {
        events.publish(
                "task",
                "task." + status.word(),
                new Changed(
                        facts.id(),
                        facts.title(),
                        facts.project(),
                        facts.kind().word(),
                        status.word(),
                        facts.priority(),
                        worker,
                        attempt,
                        error));
    }
}
