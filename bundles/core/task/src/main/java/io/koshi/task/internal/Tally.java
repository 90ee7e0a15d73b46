package io.koshi.task.internal;

import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.internal.TaskViews.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * How many tasks there are of each status, without counting a million rows at each question.
 *
 * <p>The first question counts the table once, a slice of rows at a time between other writes; from then on every
 * commit keeps the counts. Changes of rows that are not counted yet are left to their slice. Thread-safe.
 */
final class Tally {
    private static final long SLICE = 50_000;
    private static final int MINUTES = 60;

    private final Store store;
    private final Holds holds;
    private final Map<Status, Long> counts = new EnumMap<>(Status.class);
    private final long[] doneInMinute = new long[MINUTES];
    private long minute;
    private long doneMillis;
    private long counted = -1;
    private CompletableFuture<Void> counting;

    Tally(Store store, Holds holds) {
        this.store = store;
        this.holds = holds;
        this.minute = now();
    }

    /** Counts of this moment. */
    record Counts(Map<Status, Long> byStatus, long total, long doneLastHour, double meanSeconds) {
        long of(Status status) {
            return byStatus.getOrDefault(status, 0L);
        }
    }

    CompletableFuture<Counts> counts() {
        CompletableFuture<Void> first;
        synchronized (this) {
            if (counting == null || counting.isCompletedExceptionally()) {
                counted = -1;
                counts.clear();
                doneMillis = 0;
                Arrays.fill(doneInMinute, 0);
                counting = slice(0);
            }
            first = counting;
        }
        return first.thenApply(ready -> snapshot());
    }

    synchronized void made(Facts facts, Status status) {
        if (facts.n() <= counted) {
            add(status, 1);
        }
    }

    synchronized void moved(Facts facts, Status from, Status to) {
        if (facts.n() > counted) {
            return;
        }
        add(from, -1);
        add(to, 1);
        if (to == Status.DONE) {
            doneMillis += Math.max(
                    0, Duration.between(facts.createdAt(), Instant.now()).toMillis());
            roll();
            doneInMinute[Math.floorMod(minute, MINUTES)]++;
        }
    }

    private synchronized Counts snapshot() {
        roll();
        long done = counts.getOrDefault(Status.DONE, 0L);
        long hour = 0;
        for (long each : doneInMinute) {
            hour += each;
        }
        long total = counts.values().stream().mapToLong(Long::longValue).sum();
        return new Counts(new EnumMap<>(counts), total, hour, done == 0 ? 0 : doneMillis / 1000.0 / done);
    }

    private void add(Status status, long delta) {
        counts.merge(status, delta, Long::sum);
    }

    private static long now() {
        return System.nanoTime() / 60_000_000_000L;
    }

    private void roll() {
        long now = now();
        for (long next = Math.max(minute + 1, now - MINUTES + 1); next <= now; next++) {
            doneInMinute[Math.floorMod(next, MINUTES)] = 0;
        }
        minute = now;
    }

    /** What a slice of the table has, as of one place in the order of commits. */
    private record Slice(List<Group> groups, Set<Long> notQueued, long recent, long last) {}

    private record Group(Status status, long count, long millis) {}

    private CompletableFuture<Void> slice(long from) {
        return store.write(tx -> {
                    Slice slice = read(tx, from);
                    tx.afterCommit(() -> take(slice, from));
                    return slice;
                })
                .thenCompose(slice -> slice.last() == Long.MAX_VALUE
                        ? CompletableFuture.<Void>completedFuture(null)
                        : slice(slice.last() + 1))
                .exceptionally(failure -> {
                    throw failure instanceof CompletionException known ? known : new CompletionException(failure);
                });
    }

    private Slice read(Tx tx, long from) {
        long to = from + SLICE - 1;
        boolean last = tx.number("SELECT COALESCE(MAX(n), 0) FROM task") <= to;
        List<Group> groups = tx.query(
                "SELECT status, COUNT(*) AS count, SUM(updated_at - created_at) AS millis FROM task"
                        + " WHERE n BETWEEN ? AND ? GROUP BY status",
                row -> new Group(
                        Status.valueOf(row.text("status").toUpperCase(Locale.ROOT)),
                        row.number("count"),
                        row.number("millis")),
                from,
                to);
        long recent = tx.number(
                "SELECT COUNT(*) FROM task WHERE n BETWEEN ? AND ? AND status = 'done' AND updated_at > ?",
                from,
                to,
                Instant.now().minusSeconds(3600));
        Set<Long> notQueued = new HashSet<>();
        for (Hold hold : new ArrayList<>(holds.all())) {
            long n = hold.facts().n();
            if (n >= from
                    && (n <= to || last)
                    && tx.number("SELECT COUNT(*) FROM task WHERE n = ? AND status = 'queued'", n) == 0) {
                notQueued.add(n);
            }
        }
        return new Slice(groups, notQueued, recent, last ? Long.MAX_VALUE : to);
    }

    private synchronized void take(Slice slice, long from) {
        for (Group group : slice.groups()) {
            add(group.status(), group.count());
            if (group.status() == Status.DONE) {
                doneMillis += group.millis();
            }
        }
        for (Hold hold : holds.all()) { // on disk a young lease is still queued
            long n = hold.facts().n();
            if (n >= from && n <= slice.last() && !slice.notQueued().contains(n)) {
                add(Status.QUEUED, -1);
                add(Status.LEASED, 1);
            }
        }
        roll();
        doneInMinute[Math.floorMod(minute, MINUTES)] += slice.recent();
        counted = slice.last();
    }
}
