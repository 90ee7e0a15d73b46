package io.koshi.task.internal;

import io.koshi.store.Store;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * The front of the queue in memory, so that a lease costs no search however long the queue is.
 *
 * <p>Of each line the first few thousand keys are here: all up to a horizon, none beyond it. When few are left the
 * next page is read through the writer, and taken in by what follows its commit: changes are told here in the order of
 * their commits too, so none falls between the page and what came after it. Thread-safe.
 */
final class Ready {
    /** Keys read at a time. */
    static final int PAGE = 4096;

    private static final int MOST = 4 * PAGE;

    /** Models that tasks name beside those of no model; more are read anew when they are asked for. */
    private static final int MOST_LANES = 256;

    private static final String NEXT =
            "SELECT priority, n FROM task WHERE status = 'queued' AND unsorted = 0 AND auto_run = 0"
                    + " AND type = ? AND only_model IS ? AND (priority, n) > (?, ?) AND next_at IS NULL ORDER BY priority, n LIMIT "
                    + PAGE;

    private final Store store;
    private final Sorting sorting;
    private final Runnable arrived;
    private final Map<Line, Lane> lanes = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<Long> out = new HashSet<>();

    /** @param arrived told, in no lock, when a key came that can be polled */
    Ready(Store store, Sorting sorting, Runnable arrived) {
        this.store = store;
        this.sorting = sorting;
        this.arrived = arrived;
        for (Kind kind : Kind.values()) {
            lanes.put(new Line(kind, Line.ANY), new Lane());
        }
    }

    /** The keys of one line, complete up to the horizon. */
    private static final class Lane {
        private final TreeSet<Long> keys = new TreeSet<>();
        private long horizon = -1;
        private CompletableFuture<Void> filling;

        boolean complete() {
            return horizon == Long.MAX_VALUE;
        }
    }

    /** A task is queued, by a commit that was just made. */
    void add(Line line, long key) {
        synchronized (this) {
            Lane lane = lanes.get(line);
            out.remove(Facts.n(key));
            if (lane == null || key > lane.horizon) {
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
    synchronized void gone(Line line, long key) {
        out.remove(Facts.n(key));
        Lane lane = lanes.get(line);
        if (lane != null) {
            lane.keys.remove(key);
        }
    }

    /** Takes the first keys of some lines; each is out until {@link #add} or {@link #gone}. */
    synchronized List<Long> poll(List<Line> lines, int max) {
        List<Long> taken = new ArrayList<>(Math.min(max, 16));
        while (taken.size() < max) {
            Lane first = null;
            for (Line line : lines) {
                Lane lane = lanes.get(line);
                if (lane == null || lane.keys.isEmpty()) {
                    if (lane == null || !lane.complete()) {
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

    /** What was polled and not leased is looked at again, by the writer: whether it is queued is decided there. */
    void lookAgain(long n) {
        store.write(tx -> {
            Optional<Facts> facts =
                    tx.first("SELECT " + Facts.COLUMNS + ", t.status FROM task t WHERE t.n = ?", Facts::of, n);
            boolean queued = tx.number(
                            "SELECT COUNT(*) FROM task WHERE n = ? AND status = 'queued' AND auto_run = 0"
                                    + " AND next_at IS NULL",
                            n)
                    > 0;
            facts.ifPresent(found -> tx.afterCommit(() -> {
                if (queued) {
                    add(found.line(), found.key());
                } else {
                    gone(found.line(), found.key());
                }
            }));
            return queued;
        });
    }

    /** Completes when the first of each line is known, if there is one; reads ahead where few are left. */
    CompletableFuture<Void> known(List<Line> lines) {
        CompletableFuture<Void> all = null;
        for (Line line : lines) {
            CompletableFuture<Void> filling = ahead(line);
            if (filling != null) {
                all = all == null ? filling : CompletableFuture.allOf(all, filling);
            }
        }
        return all;
    }

    private CompletableFuture<Void> ahead(Line line) {
        Lane lane;
        boolean begin = false;
        CompletableFuture<Void> filling;
        long after;
        boolean empty;
        synchronized (this) {
            lane = lane(line);
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
            fill(line, lane, filling, after);
        }
        return empty ? filling : null;
    }

    /** The lane of a line; that of a model which was not asked for longest goes where there are too many. */
    private Lane lane(Line line) {
        Lane lane = lanes.get(line);
        if (lane == null) {
            lane = new Lane();
            lanes.put(line, lane);
            if (lanes.size() > MOST_LANES) {
                Iterator<Line> oldest = lanes.keySet().iterator();
                Line one = oldest.next();
                while (one.model().equals(Line.ANY)) {
                    one = oldest.next();
                }
                oldest.remove();
            }
        }
        return lane;
    }

    private void fill(Line line, Lane lane, CompletableFuture<Void> filling, long after) {
        long priority = after < 0 ? -1 : after >> 48;
        store.write(tx -> {
                    sorting.all(tx);
                    List<Long> page = tx.query(
                            NEXT,
                            row -> Facts.key((int) row.number("priority"), row.number("n")),
                            line.kind().word(),
                            line.model().equals(Line.ANY) ? null : line.model(),
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
