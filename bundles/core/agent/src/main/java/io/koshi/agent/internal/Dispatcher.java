package io.koshi.agent.internal;

import io.koshi.agent.internal.Chain.Wish;
import io.koshi.agent.internal.Running.Reason;
import io.koshi.agent.internal.TurnQueue.Head;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.model.Model;
import io.koshi.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes turns from the queue and runs them: one per session, so many at a time. Thread-safe. */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final int HEADS = 1000;
    private static final long AFTER_TROUBLE_MS = 1000;
    private static final Duration LONGEST_BACKOFF = Ladder.PATIENCE.plusSeconds(15);

    private final Store store;
    private final Settings settings;
    private final Events events;
    private final Pools pools;
    private final ModelTable models;
    private final TurnQueue turns;
    private final Settlement settlement;
    private final Workshop workshop;
    private final Pace pace;
    private final Chain chain;

    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Map<String, Long> absentSince = new ConcurrentHashMap<>();
    private final AtomicInteger wakes = new AtomicInteger();
    private final AutoCloseable arrivals;
    private volatile Runnable onFree = () -> {};
    private volatile boolean closed;

    Dispatcher(
            Store store,
            Settings settings,
            Events events,
            Pools pools,
            ModelTable models,
            TurnQueue turns,
            Settlement settlement,
            Workshop workshop,
            Chain chain,
            Pace pace) {
        this.store = store;
        this.settings = settings;
        this.events = events;
        this.pools = pools;
        this.models = models;
        this.turns = turns;
        this.settlement = settlement;
        this.workshop = workshop;
        this.pace = pace;
        this.chain = chain;
        this.arrivals = models.onArrival(this::wake);
    }

    /** Runs that are on now. */
    Collection<Running> running() {
        return running.values();
    }

    /** Calls back when a specialist has ended. */
    void onFree(Runnable listener) {
        onFree = listener;
    }

    /** Looks for something to run, soon and on a thread of its own; any number of calls make one look. */
    void wake() {
        if (!closed && wakes.getAndIncrement() == 0) {
            try {
                pools.work().execute(this::look);
            } catch (RejectedExecutionException stopping) {
                wakes.set(0);
            }
        }
    }

    private void look() {
        int seen;
        do {
            seen = wakes.get();
            try {
                dispatch();
            } catch (RuntimeException e) {
                LOG.warn("the turns that wait could not be looked at, trying again: {}", e.toString());
                wakeIn(AFTER_TROUBLE_MS);
            }
        } while (!wakes.compareAndSet(seen, 0));
    }

    private void dispatch() {
        if (closed) {
            return;
        }
        Instant now = Instant.now();
        List<Running> picked = new ArrayList<>();
        Instant next = pick(false, now, picked);
        Instant nextWorker = pick(true, now, picked);
        next = nextWorker.isBefore(next) ? nextWorker : next;
        if (!picked.isEmpty()) {
            start(picked);
        }
        if (next.isBefore(Instant.MAX)) {
            wakeIn(Math.max(1, Duration.between(now, next).toMillis() + 1));
        }
    }

    /** Picks what may start of one sort; specialists never take the place of conversations. */
    private Instant pick(boolean workers, Instant now, List<Running> picked) {
        long on = running.values().stream()
                .filter(one -> one.isWorker() == workers)
                .count();
        long free = settings.config().agents().maxConcurrent() - on;
        Instant next = Instant.MAX;
        if (free <= 0) {
            return next;
        }
        for (Head head : turns.heads(workers, HEADS)) {
            Wish wish = Wish.of(head);
            int step = chain.from(wish, head.step());
            Instant due = due(head, chain.at(wish, step), now);
            if (due.isAfter(now)) {
                next = due.isBefore(next) ? due : next;
            } else if (free > 0) {
                free--;
                turns.find(head.runId()).ifPresent(turn -> picked.add(running(turn, wish, step)));
            }
        }
        return next;
    }

    /** Words for the hub go to the model that looks things up in it, whatever model the turn has. */
    private Running running(StoredTurn turn, Wish wish, int step) {
        boolean offline =
                Commands.isForOffline(turn) && models.find(Chain.OFFLINE).isPresent();
        return new Running(turn, step, offline ? Chain.OFFLINE : chain.at(wish, step));
    }

    /** When a turn may start: after its backoff, and not while its model is being replaced. */
    private Instant due(Head head, String name, Instant now) {
        // a clock that was set back does not make a turn wait for longer than any backoff
        Instant backedOff = head.nextAt().isAfter(now.plus(LONGEST_BACKOFF)) ? now : head.nextAt();
        if (models.find(name).isPresent()) {
            absentSince.remove(name);
            return backedOff;
        }
        if (!chain.expected(name)) {
            return backedOff;
        }
        long since = absentSince.computeIfAbsent(name, n -> System.nanoTime());
        Instant patience = now.plus(pace.absence()).minusNanos(System.nanoTime() - since);
        return patience.isAfter(backedOff) ? patience : backedOff;
    }

    private void start(List<Running> picked) {
        picked.forEach(one -> running.put(one.runId(), one));
        List<Running> started = List.of();
        try {
            started = store.writeNow(tx -> picked.stream()
                    .filter(one -> turns.start(tx, one.turn(), one.step(), one.model()))
                    .toList());
        } finally {
            picked.stream().filter(Predicate.not(started::contains)).forEach(this::over);
        }
        started.forEach(this::run);
    }

    private void run(Running one) {
        try {
            one.limitedBy(pools.timer()
                    .schedule(
                            () -> stop(one, Reason.TIMED_OUT),
                            settings.config().agents().defaultTimeout(),
                            TimeUnit.SECONDS));
            // a thread of its own: however many wait for their models, the hub's pool stays free
            pools.loop("run-" + one.runId(), () -> onItsThread(one));
        } catch (RejectedExecutionException stopping) {
            one.tellToEnd(Reason.PARKED);
            settle(one, one.soFar());
        }
    }

    private void onItsThread(Running one) {
        try {
            work(one);
        } catch (RuntimeException | Error e) {
            LOG.error("run {} was lost by its thread; the next start takes it up", one.runId(), e);
            over(one);
        }
    }

    private void over(Running one) {
        synchronized (running) {
            running.remove(one.runId(), one);
            running.notifyAll();
        }
    }

    private void work(Running one) {
        if (!one.enter()) {
            settle(one, one.soFar());
            return;
        }
        Attempt.Outcome outcome;
        try {
            Optional<Model> model = models.find(one.model());
            outcome = model.isPresent()
                    ? new Attempt(one, model.get(), workshop, events).make()
                    : Attempt.Outcome.failed(Optional.of(absent(one.model())));
        } finally {
            one.leave();
            workshop.arrivals().forget(one.turn());
        }
        settle(one, outcome);
    }

    private void settle(Running one, Attempt.Outcome outcome) {
        if (one.settle()) {
            settlement.settle(one, outcome, () -> {
                over(one);
                wake();
                if (one.isWorker()) {
                    onFree.run();
                }
            });
        }
    }

    /** Tells a run to end, and ends it without its model when that does not listen. */
    private void stop(Running one, Reason why) {
        one.tellToEnd(why);
        try {
            pools.timer()
                    .schedule(
                            () -> {
                                if (!one.settled()) {
                                    LOG.warn(
                                            "model {} goes on after it was told to end; run {} ends without it",
                                            one.model(),
                                            one.runId());
                                    settle(one, one.soFar());
                                }
                            },
                            pace.stubborn().toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("run {} is left to the next start", one.runId());
        }
    }

    /** Ends what runs in a session so that what waits there may begin. */
    void interrupt(String sessionKey, Reason why) {
        running.values().stream()
                .filter(one -> !one.isWorker() && one.turn().turn().sessionKey().equals(sessionKey))
                .forEach(one -> stop(one, why));
    }

    /** Ends a run that is queued or running; false when there was none. */
    boolean abort(String runId) {
        Running on = running.get(runId);
        if (on != null) {
            stop(on, Reason.ABORTED);
            return true;
        }
        Optional<StoredTurn> stored = turns.find(runId);
        if (stored.isEmpty()) {
            return false;
        }
        return settlement.cancelQueued(stored.get(), this::wake);
    }

    /** Lets running turns finish, and parks what is left shortly before the time is up. */
    void drain(Duration limit) throws InterruptedException {
        closed = true;
        Duration finishing = limit.multipliedBy(4).dividedBy(5);
        if (!idleWithin(finishing)) {
            running.values().forEach(one -> one.tellToEnd(Reason.PARKED));
            if (!idleWithin(limit.minus(finishing))) {
                LOG.warn("{} runs did not park in time; the next start takes them up again", running.size());
            }
        }
    }

    private boolean idleWithin(Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        synchronized (running) {
            while (!running.isEmpty()) {
                long left = until - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(running, left);
            }
        }
        return true;
    }

    /** Parks whatever is on; the next start takes it up. */
    void close() {
        closed = true;
        try {
            arrivals.close();
        } catch (Exception e) {
            LOG.debug("the model table was gone before", e);
        }
        running.values().forEach(one -> one.tellToEnd(Reason.PARKED));
    }

    private void wakeIn(long millis) {
        try {
            pools.timer().schedule(this::wake, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("not looking again: the hub stops");
        }
    }

    private static KoshiException absent(String model) {
        return new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE, "model '" + model + "' is not here: see koshi plugins, or agent.model");
    }
}
