package io.koshi.agent.internal;

import io.koshi.agent.internal.AgentViews.Completed;
import io.koshi.agent.internal.AgentViews.Failure;
import io.koshi.agent.internal.Running.Reason;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Turn;
import io.koshi.event.Events;
import io.koshi.model.Usage;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what follows an attempt and puts it on disk: the end, another attempt, or its place in the
 * queue. A store that cannot write is waited for, since what a model has said must not be lost.
 * Thread-safe.
 */
final class Settlement {
    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);
    private static final long LONGEST_WAIT_MS = 30_000;

    private final Store store;
    private final Pools pools;
    private final Events events;
    private final TurnQueue turns;
    private final Closing closing;
    private final Chain chain;
    private final Pace pace;
    private final Map<String, CompletableFuture<Completed>> waiters = new ConcurrentHashMap<>();

    Settlement(Store store, Pools pools, Events events, TurnQueue turns, Closing closing, Chain chain, Pace pace) {
        this.store = store;
        this.pools = pools;
        this.events = events;
        this.turns = turns;
        this.closing = closing;
        this.chain = chain;
        this.pace = pace;
    }

    /** Gives {@code done} the run's end. */
    void await(String runId, CompletableFuture<Completed> done) {
        waiters.put(runId, done);
    }

    /** What follows an attempt; {@code then} runs when it is on disk. */
    void settle(Running running, Attempt.Outcome outcome, Runnable then) {
        StoredTurn stored = running.turn();
        Usage used = stored.used().plus(outcome.usage());
        if (outcome.result().isPresent()) {
            end(stored, Ending.done(outcome.result().get(), stored.used()), then);
            return;
        }
        Optional<Reason> told = running.reason();
        if (told.isPresent() && told.get() == Reason.ABORTED) {
            end(stored, Ending.cancelled(cancelled(), used, outcome.calls()), then);
        } else if (told.isPresent() && told.get() == Reason.TIMED_OUT) {
            KoshiException tooLong =
                    new KoshiException(ErrorCode.TIMEOUT, "the run took longer than agents.defaultTimeout allows");
            end(stored, Ending.failed(tooLong, used, outcome.calls()), then);
        } else if (outcome.failure().isPresent()) {
            failed(stored, outcome.failure().get(), used, outcome, then);
        } else {
            durably(stored, tx -> turns.park(tx, stored), pace.store().toMillis(), then);
        }
    }

    private void failed(StoredTurn stored, KoshiException why, Usage used, Attempt.Outcome outcome, Runnable then) {
        Turn turn = stored.turn();
        Optional<Ladder.Again> again =
                pace.ladder().after(stored.step(), stored.tries(), chain.fallbacks(turn.model()), why);
        if (again.isEmpty()) {
            end(stored, Ending.failed(why, used, outcome.calls()), then);
            return;
        }
        durably(
                stored,
                tx -> again(tx, stored, again.get(), used, why),
                pace.store().toMillis(),
                then);
    }

    private boolean again(Tx tx, StoredTurn stored, Ladder.Again again, Usage used, KoshiException why) {
        boolean put = turns.again(tx, stored, again, used, why);
        Turn turn = stored.turn();
        var failed = new AgentViews.Failed(turn.sessionKey(), turn.runId(), turn.attempt(), Failure.of(why), true);
        if (put) {
            tx.afterCommit(() -> events.publish("agent", "run.failed", failed));
        }
        return put;
    }

    /** Ends a turn for good. */
    void end(StoredTurn stored, Ending ending, Runnable then) {
        durably(stored, tx -> closing.commit(tx, stored, ending), pace.store().toMillis(), () -> {
            tellWaiter(stored, ending);
            then.run();
        });
    }

    private void tellWaiter(StoredTurn stored, Ending ending) {
        CompletableFuture<Completed> waiter = waiters.remove(stored.turn().runId());
        if (waiter != null) {
            Completed completed = Closing.completed(stored.turn(), ending);
            waiter.completeAsync(() -> completed, pools.work());
        }
    }

    /** Calls off a turn that has not begun; false when it has, or has ended. */
    boolean cancelQueued(StoredTurn stored, Runnable then) {
        Ending ending = Ending.cancelled(cancelled(), stored.used(), List.of());
        boolean cancelled = store.writeNow(tx -> turns.isQueued(tx, stored) && closing.commit(tx, stored, ending));
        if (cancelled) {
            tellWaiter(stored, ending);
            then.run();
        }
        return cancelled;
    }

    /**
     * What was running when the hub last ended is tried again, or fails when that was its last try; in
     * one commit, before anything else runs.
     */
    void recover() {
        KoshiException stopped =
                new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the hub was stopped while it answered");
        for (StoredTurn stored : turns.interrupted()) {
            Turn turn = stored.turn();
            Optional<Ladder.Again> again =
                    pace.ladder().after(stored.step(), stored.tries(), chain.fallbacks(turn.model()), stopped);
            store.writeNow(tx -> again.isPresent()
                    ? again(tx, stored, again.get(), stored.used(), stopped)
                    : closing.commit(tx, stored, Ending.failed(stopped, stored.used(), List.of())));
            LOG.info(
                    "run {} was cut off by a stop; {}",
                    turn.runId(),
                    again.isPresent() ? "it is tried again" : "failed");
        }
    }

    static KoshiException cancelled() {
        return new KoshiException(ErrorCode.CONFLICT, "the run was cancelled");
    }

    private void durably(StoredTurn stored, Store.Work<Boolean> work, long wait, Runnable then) {
        store.write(work).whenComplete((changed, failure) -> {
            if (failure == null) {
                then.run();
            } else {
                unwritten(stored, work, wait, then, failure);
            }
        });
    }

    private void unwritten(StoredTurn stored, Store.Work<Boolean> work, long wait, Runnable then, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        String runId = stored.turn().runId();
        if (cause instanceof KoshiException told && told.code().retryable()) {
            LOG.warn("run {} has ended but the store cannot be written, trying again in {} ms", runId, wait);
            try {
                pools.timer()
                        .schedule(
                                () -> durably(stored, work, Math.min(2 * wait, LONGEST_WAIT_MS), then),
                                wait,
                                TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException stopping) {
                LOG.warn("run {} will be tried again at the next start", runId);
            }
            return;
        }
        LOG.error("run {} could not be ended as it should; it is closed without an answer", runId, cause);
        KoshiException broken = new KoshiException(ErrorCode.INTERNAL, "the run's end could not be written", cause);
        store.write(tx -> turns.end(tx, stored, Ending.failed(broken, stored.used(), List.of())))
                .whenComplete((changed, again) -> then.run());
    }
}
