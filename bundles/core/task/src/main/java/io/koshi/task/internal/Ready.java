package io.koshi.task.internal;

import io.koshi.store.Store;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * The front of the queue in memory, so that a lease costs no search however long the queue is.
 *
 * <p>Of each kind the first few thousand keys are here: all up to a horizon, none beyond it. When few are left the
 * next page is read through the writer, and taken in by what follows its commit: changes are told here in the order of
 * their commits too, so none falls between the page and what came after it. Thread-safe.
 */
final class Ready {
    /** Keys read at a time. */
    static final int PAGE = 4096;

    private static final int MOST = 4 * PAGE;
    private static final String NEXT =
            "SELECT priority, n FROM task WHERE status = 'queued' AND unsorted = 0 AND auto_run = 0"
                    + " AND type = ? AND (priority, n) > (?, ?) AND next_at IS NULL ORDER BY priority, n LIMIT " + PAGE;

    private final Store store;
    private final Sorting sorting;
    private final Runnable arrived;
    private final Map<Kind, Lane> lanes = new EnumMap<>(Kind.class);
    private final Set<Long> out = new HashSet<>();

    /** @param arrived told, in no lock, when a key came that can be polled */
    Ready(Store store, Sorting sorting, Runnable arrived) {
        this.store = store;
        this.sorting = sorting;
        this.arrived = arrived;
        for (Kind kind : Kind.values()) {
            lanes.put(kind, new Lane());
        }
    }

    /** The keys of one kind, complete up to the horizon. */
    private static final class Lane {
        private final TreeSet<Long> keys = new TreeSet<>();
        private long horizon = -1;
        private CompletableFuture<Void> filling;

        boolean complete() {
            return horizon == Long.MAX_VALUE;
        }
    }

    /** A task is queued, by a commit that was just made. */
    void add(Kind kind, long key) {
        synchronized (this) {
            Lane lane = lanes.get(kind);
            out.remove(Facts.n(key));
            if (key > lane.horizon) {
                return;
            }
            lane.keys.add(key);
            if (lane.keys.size() > MOST) {
                while (lane.keys.size() > MOST / 2) {
                    lane.keys.pollLast();
                }
                lane.horizon = lane.keys.last();
            }
        }
        arrived.run();
    }

    /** A task is not queued any more, by a commit that was just made. */
    synchronized void gone(Kind kind, long key) {
        out.remove(Facts.n(key));
        lanes.get(kind).keys.remove(key);
    }

    /** Takes the first keys of some kinds; each is out until {@link #add} or {@link #gone}. */
    synchronized List<Long> poll(Set<Kind> kinds, int max) {
        List<Long> taken = new ArrayList<>(Math.min(max, 16));
        while (taken.size() < max) {
            Lane first = null;
            for (Kind kind : kinds) {
                Lane lane = lanes.get(kind);
                if (lane.keys.isEmpty()) {
                    if (!lane.complete()) {
                        return taken; // what comes next is not known
                    }
                } else if (first == null || lane.keys.first() < first.keys.first()) {
                    first = lane;
                }
            }
            if (first == null) {
                return taken;
            }
            long key = first.keys.pollFirst();
            out.add(Facts.n(key));
            taken.add(key);
        }
        return taken;
    }

    /** Completes when the first of each kind is known, if there is one; reads ahead where few are left. */
    CompletableFuture<Void> known(Set<Kind> kinds) {
        CompletableFuture<Void> all = null;
        for (Kind kind : kinds) {
            CompletableFuture<Void> filling = ahead(kind);
            if (filling != null) {
                all = all == null ? filling : CompletableFuture.allOf(all, filling);
            }
        }
        return all;
    }

    private CompletableFuture<Void> ahead(Kind kind) {
        Lane lane = lanes.get(kind);
        boolean begin = false;
        CompletableFuture<Void> filling;
        long after;
        boolean empty;
        synchronized (this) {
            if (lane.complete() || lane.keys.size() > PAGE / 2) {
                return null;
            }
            if (lane.filling == null) {
                lane.filling = new CompletableFuture<>();
                begin = true;
            }
            filling = lane.filling;
            after = lane.horizon;
            empty = lane.keys.isEmpty();
        }
        if (begin) {
            fill(kind, lane, filling, after);
        }
        return empty ? filling : null;
    }

    private void fill(Kind kind, Lane lane, CompletableFuture<Void> filling, long after) {
        long priority = after < 0 ? -1 : after >> 48;
        store.write(tx -> {
                    sorting.all(tx);
                    List<Long> page = tx.query(
                            NEXT,
                            row -> Facts.key((int) row.number("priority"), row.number("n")),
                            kind.word(),
                            priority,
                            Facts.n(after));
                    tx.afterCommit(() -> take(lane, after, page));
                    return page.size();
                })
                .whenComplete((count, failure) -> {
                    synchronized (this) {
                        lane.filling = null;
                    }
                    if (failure == null) {
                        filling.complete(null);
                        arrived.run();
                    } else {
                        filling.completeExceptionally(failure);
                    }
                });
    }

    private synchronized void take(Lane lane, long after, List<Long> page) {
        if (lane.horizon != after) {
            return; // it was cut back meanwhile
        }
        for (long key : page) {
            if (!out.contains(Facts.n(key))) {
                lane.keys.add(key);
            }
        }
        lane.horizon = page.size() < PAGE ? Long.MAX_VALUE : page.get(page.size() - 1);
    }
}
