package io.koshi.agent.internal;

import io.koshi.agent.internal.Chain.Wish;
import io.koshi.agent.internal.TurnQueue.Head;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Says which of the turns that wait may start now, and with which model. Thread-safe. */
final class StartOrder {
    private static final int HEADS = 1000;
    private static final Duration LONGEST_BACKOFF = Ladder.PATIENCE.plusSeconds(15);

    private final TurnQueue turns;
    private final ModelTable models;
    private final Chain chain;
    private final Pace pace;
    private final Map<String, Long> absentSince = new ConcurrentHashMap<>();

    StartOrder(TurnQueue turns, ModelTable models, Chain chain, Pace pace) {
        this.turns = turns;
        this.models = models;
        this.chain = chain;
        this.pace = pace;
    }

    /**
     * Picks what may start of one sort, the most urgent first.
     *
     * @return when something else may start, {@link Instant#MAX} when nothing waits for its time
     */
    Instant pick(boolean workers, long most, Instant now, List<Running> picked) {
        long free = most;
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
}
