package io.koshi.task.internal;

import io.koshi.api.Blobs;
import io.koshi.api.ErrorCode;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.hub.Traced;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Leased;
import io.koshi.task.Tasks;
import io.koshi.task.internal.TaskViews.Status;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Keeps tasks, each change one commit; what has ended never changes. Thread-safe. */
@Component(
        name = "io.koshi.task",
        service = {Tasks.class, TaskQueue.class, Traced.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TaskQueue implements Tasks, Traced {
    private final Store store;
    private final Takers takers;
    private final Holds holds = new Holds();
    private final Fences fences = new Fences();
    private final Notices notices;
    private final Intake intake;
    private final Endings endings;
    private final Payloads payloads;
    private final Book book;
    private final Offers offers;
    private final Catalogue catalogue;
    private final Tally tally;
    private final Splits splits;
    private final CallingOff callingOff;
    private final Desk desk;
    private final Counter counter;

    @Activate
    public TaskQueue(
            @Reference Store store,
            @Reference Blobs blobs,
            @Reference Events events,
            @Reference Settings settings,
            @Reference Pools pools,
            @Reference Codec codec) {
        this(store, blobs, events, settings, pools, codec, InstantSource.system());
    }

    /** @param wall what leases are told to end by; it ends none */
    TaskQueue(
            Store store, Blobs blobs, Events events, Settings settings, Pools pools, Codec codec, InstantSource wall) {
        this.store = store;
        store.migrate("task", TaskTables.STEPS);
        this.takers = new Takers(pools);
        this.tally = new Tally(store, holds);
        this.payloads = new Payloads(blobs);
        this.offers = new Offers(System::nanoTime);
        this.book = new Book(store, payloads);
        this.catalogue = new Catalogue(store, holds, payloads, offers);
        Sorting sorting = new Sorting(store, pools);
        Ready ready = new Ready(store, sorting, this::arrived);
        Fresh fresh = new Fresh();
        this.notices = new Notices(store, events, pools, ready, fresh, takers, holds, tally);
        this.intake = new Intake(settings, notices, sorting);
        this.splits = new Splits(store, pools, intake, payloads, codec);
        this.endings = new Endings(notices, splits, intake);
        splits.endWith(endings);
        this.desk = new Desk(store, pools, ready, fresh, holds, fences, book, endings, notices, payloads, wall);
        this.counter = new Counter(notices, endings, holds);
        this.callingOff = new CallingOff(store, counter);
        Opening.begin(store, fences, notices, splits, callingOff, intake, sorting);
    }

    private void arrived() {
        Desk open = desk;
        if (open != null) {
            open.arrived();
        }
    }

    Desk desk() {
        return desk;
    }

    Offers offers() {
        return offers;
    }

    Catalogue catalogue() {
        return catalogue;
    }

    Tally tally() {
        return tally;
    }

    Splits splits() {
        return splits;
    }

    Counter counter() {
        return counter;
    }

    CallingOff callingOff() {
        return callingOff;
    }

    Intake intake() {
        return intake;
    }

    Payloads payloads() {
        return payloads;
    }

    @Override
    public String enqueue(Tx tx, Order order) {
        Intake.check(order);
        return Intake.known(tx, order)
                .orElseGet(() -> intake.add(tx, Intake.New.of(order)).id());
    }

    @Override
    public Optional<Long> lease(Tx tx, String taskId, String worker) {
        return TaskIds.find(tx, taskId).flatMap(n -> hold(tx, n, worker)).map(Held::fence);
    }

    private Optional<Held> hold(Tx tx, long n, String worker) {
        if (holds.holds(n)) {
            return Optional.empty();
        }
        long fence = fences.next();
        Instant now = Instant.now();
        int changed = tx.update(
                "UPDATE task SET status = 'leased', fence = ?, attempts = attempts + 1, worker = ?,"
                        + " leased_until = NULL, next_at = NULL, updated_at = ? WHERE n = ? AND status = 'queued'",
                fence,
                worker,
                now,
                n);
        if (changed == 0) {
            return Optional.empty();
        }
        Facts facts = facts(tx, n);
        Held held = new Held(facts, fence, worker, facts.attempts(), now, true);
        Book.begin(tx, held);
        notices.taken(tx, held);
        return Optional.of(held);
    }

    private static Facts facts(Tx tx, long n) {
        return tx.first("SELECT " + Facts.COLUMNS + " FROM task t WHERE t.n = ?", Facts::of, n)
                .orElseThrow();
    }

    @Override
    public List<Leased> take(Tx tx, String worker, int max) {
        List<Long> next = tx.query(
                "SELECT n FROM task WHERE status = 'queued' AND unsorted = 0 AND auto_run = 1 AND type = 'chat'"
                        + " AND only_model IS NULL AND next_at IS NULL"
                        + " ORDER BY priority, n LIMIT ?",
                row -> row.number("n"),
                max);
        List<Leased> taken = new ArrayList<>();
        for (long n : next) {
            hold(tx, n, worker).ifPresent(held -> taken.add(book.work(tx, n).leased(held, Optional.empty())));
        }
        return taken;
    }

    @Override
    public AutoCloseable onTakeable(Runnable listener) {
        return takers.add(listener);
    }

    @Override
    public boolean done(Tx tx, String taskId, long fence, String result) {
        return held(tx, taskId, fence)
                .map(held -> endings.done(tx, held, Outcome.done(result)))
                .orElse(false);
    }

    @Override
    public boolean failed(Tx tx, String taskId, long fence, ErrorCode code, String error) {
        return held(tx, taskId, fence)
                .map(held -> endings.failed(tx, held, Outcome.failed(code, error)))
                .orElse(false);
    }

    @Override
    public boolean nack(Tx tx, String taskId, long fence, ErrorCode code, String error) {
        return held(tx, taskId, fence)
                .map(held -> endings.again(tx, held, Outcome.failed(code, error), Optional.empty()))
                .orElse(false);
    }

    @Override
    public boolean cancel(Tx tx, String taskId, String why) {
        return TaskIds.find(tx, taskId).map(n -> counter.cancel(tx, n, why)).orElse(false);
    }

    /** A lease on disk under its newest token. */
    private static Optional<Held> held(Tx tx, String taskId, long fence) {
        return TaskIds.find(tx, taskId)
                .flatMap(n -> tx.first(
                        "SELECT " + Facts.COLUMNS + ", t.fence, t.worker, a.leased_at FROM task t JOIN task_attempt a"
                                + " ON a.task = t.n AND a.n = t.attempts WHERE t.n = ? AND t.status = 'leased' AND t.fence = ?",
                        row -> {
                            Facts facts = Facts.of(row);
                            return new Held(
                                    facts,
                                    row.number("fence"),
                                    row.text("worker"),
                                    facts.attempts(),
                                    row.instant("leased_at"),
                                    true);
                        },
                        n,
                        fence));
    }

    @Override
    public List<String> resolve(String ref) {
        return store.read(tx -> TaskIds.find(tx, ref)
                .map(n -> tx.query(
                        "SELECT message FROM task_source WHERE task = ? ORDER BY message",
                        row -> row.text("message"),
                        n))
                .orElse(List.of()));
    }

    @Override
    public List<Hop> hops(String messageId) {
        return store.read(tx -> tx.query(
                "SELECT t.* FROM task_source s JOIN task t ON t.n = s.task WHERE s.message = ? ORDER BY t.n",
                row -> new Hop(
                        row.instant("created_at"),
                        "routed",
                        row.text("id"),
                        (int) Math.max(1, row.number("attempts")),
                        0,
                        "task " + row.optional("title").orElse(row.text("type")) + ": " + row.text("status")),
                messageId));
    }

    /** Statuses that never change but by {@link Counter#retry}. */
    static boolean terminal(Status status) {
        return status == Status.DONE || status == Status.FAILED || status == Status.CANCELLED;
    }
}
