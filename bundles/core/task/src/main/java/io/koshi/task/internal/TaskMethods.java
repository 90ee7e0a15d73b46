package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Tasks.Order;
import io.koshi.task.internal.TaskViews.Status;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code task} for those who make and watch tasks. */
@Component(name = "io.koshi.task.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("task")
public final class TaskMethods implements Methods {
    private final TaskQueue tasks;
    private final Store store;
    private final Pools pools;

    @Activate
    public TaskMethods(@Reference TaskQueue tasks, @Reference Store store, @Reference Pools pools) {
        this.tasks = tasks;
        this.store = store;
        this.pools = pools;
    }

    @Rpc(value = "Makes a task; answered when it is on disk.", scope = Scope.WRITE, quick = true)
    public CompletionStage<Enqueued> enqueue(Enqueue ask) {
        Order order = ask.order();
        Intake.check(order);
        if (Payloads.large(order.prompt())) {
            return CompletableFuture.supplyAsync(() -> tasks.payloads().put(order.prompt()), pools.work())
                    .thenCompose(ref -> write(order, Optional.of(ref)));
        }
        return write(order, Optional.empty());
    }

    private CompletionStage<Enqueued> write(Order order, Optional<String> promptRef) {
        return store.writeHere(tx -> {
            Optional<String> known = Intake.known(tx, order);
            if (known.isEmpty()) {
                Facts made = tasks.intake().add(tx, new Intake.New(order, promptRef, Optional.empty(), false));
                if (order.dependsOn().isEmpty()) {
                    return new Enqueued(
                            made.id(), made.n(), Endings.unblocked(made.kind()).word(), false);
                }
                return made(tx, made.n(), false);
            }
            return made(tx, Book.number(tx, known.get()), true);
        });
    }

    private static Enqueued made(Tx tx, long n, boolean duplicate) {
        return tx.first(
                        "SELECT id, n, status FROM task WHERE n = ?",
                        row -> new Enqueued(row.text("id"), row.number("n"), row.text("status"), duplicate),
                        n)
                .orElseThrow();
    }

    record Id(
            @Doc("The task's ULID or number.") @Range(min = 1, max = 64)
            String taskId) {}

    @Rpc(value = "Shows a task in full, with every try at it.", scope = Scope.READ)
    public TaskViews.Task get(Id id) {
        return tasks.catalogue()
                .get(id.taskId())
                .orElseThrow(() -> KoshiException.notFound("there is no task " + id.taskId() + ": see task.list"));
    }

    record Piece(
            @Doc("A resultRef or inputRef.") @Range(min = 64, max = 64)
            String ref,

            @Doc("The first byte.") @Default("0") @Range(min = 0)
            long from) {}

    record Text(
            @Doc("A piece of the text.") String text,

            @Doc("Give this as from for the next piece; absent at the end.")
            Optional<Long> next) {}

    private static final int PIECE = 1 << 20;

    @Rpc(value = "Reads a long prompt, input or result, a megabyte at a time.", scope = Scope.READ)
    public Text text(Piece ask) {
        String text = tasks.payloads().read(ask.ref(), ask.from(), PIECE);
        long bytes = text.getBytes(StandardCharsets.UTF_8).length;
        return new Text(text, bytes < PIECE - 4 ? Optional.empty() : Optional.of(ask.from() + bytes));
    }

    record Query(
            @Doc("Only tasks with this status.") Optional<Status> status,
            @Doc("Only tasks of this project.") Optional<String> project,

            @Doc("At most this many.") @Default("50") @Range(min = 1, max = 1000)
            int limit,

            @Doc("Only tasks made before this one.") Optional<String> before,

            @Doc("With prompts and results.") @Default("false")
            boolean full) {}

    record TaskList(
            @Doc("Tasks, the newest first.") List<TaskViews.Brief> tasks,
            @Doc("Give this as before for the next page.") Optional<String> next) {}

    @Rpc(value = "Lists tasks, the newest first.", scope = Scope.READ)
    public TaskList list(Query query) {
        List<TaskViews.Brief> found = tasks.catalogue()
                .list(new Catalogue.Query(
                        query.status(), query.project(), query.limit(), query.before(), query.full()));
        Optional<String> next = found.size() < query.limit()
                ? Optional.empty()
                : Optional.of(found.get(found.size() - 1).taskId());
        return new TaskList(found, next);
    }

    record Stats(
            @Doc("Ready for a worker.") long queued,
            @Doc("Waiting for other tasks.") long blocked,
            @Doc("Waiting for a person.") long waiting,
            @Doc("In a worker's hands.") long leased,
            @Doc("Ended well.") long done,
            @Doc("Ended badly.") long failed,
            @Doc("Called off.") long cancelled,
            @Doc("All of them.") long total,
            @Doc("Done in the last hour.") long doneLastHour,

            @Doc("From its making to its end, of those that are done, on average.")
            double meanSeconds) {}

    @Rpc(value = "Counts tasks by status.", scope = Scope.READ)
    public CompletionStage<Stats> stats() {
        return tasks.tally()
                .counts()
                .thenApply(counts -> new Stats(
                        counts.of(Status.QUEUED),
                        counts.of(Status.BLOCKED),
                        counts.of(Status.WAITING),
                        counts.of(Status.LEASED),
                        counts.of(Status.DONE),
                        counts.of(Status.FAILED),
                        counts.of(Status.CANCELLED),
                        counts.total(),
                        counts.doneLastHour(),
                        counts.meanSeconds()));
    }

    record Approval(
            @Doc("The task's ULID or number.") @Range(min = 1, max = 64)
            String taskId,

            @Doc("What came of it, for those that wait for it.") @Default("\"approved\"") @Range(max = 64000)
            String result) {}

    record Changed(
            @Doc("The task's ULID.") String taskId,
            @Doc("Where it is now.") String status) {}

    @Rpc(value = "Ends a task that waits for a person, well.", scope = Scope.ADMIN)
    public CompletionStage<Changed> approve(Approval ask) {
        return change(ask.taskId(), (tx, n) -> tasks.counter().approve(tx, n, "human", ask.result()));
    }

    record Retry(
            @Doc("The task's ULID or number.") Optional<String> taskId,
            @Doc("Every failed one.") @Default("false") boolean all) {}

    record Retried(@Doc("How many were opened again.") long retried) {}

    @Rpc(value = "Opens a new try at a failed task, or at all of them.", scope = Scope.WRITE)
    public CompletionStage<Retried> retry(Retry ask) {
        if (ask.all() == ask.taskId().isPresent()) {
            throw KoshiException.invalid("/taskId", "name a task, or say all");
        }
        return ask.all()
                ? retryAll(0, 0)
                : change(ask.taskId().get(), (tx, n) -> tasks.counter().retry(tx, n))
                        .thenApply(changed -> new Retried(1));
    }

    private CompletionStage<Retried> retryAll(long after, long before) {
        return store.write(tx -> tasks.counter().retryFailed(tx, after)).thenCompose(round -> {
            long all = before + round.retried();
            return round.more() ? retryAll(round.last(), all) : CompletableFuture.completedFuture(new Retried(all));
        });
    }

    record Cancel(
            @Doc("The task's ULID or number; of a split, all its batches too.") @Range(min = 1, max = 64)
            String taskId,

            @Doc("Why.") @Default("\"called off\"") @Range(max = 1000)
            String reason) {}

    @Rpc(value = "Calls a task off; what its worker brings later changes nothing.", scope = Scope.WRITE)
    public CompletionStage<Changed> cancel(Cancel ask) {
        return change(ask.taskId(), (tx, n) -> {
                    if (!tasks.counter().cancel(tx, n, ask.reason())) {
                        throw tasks.counter().ended(tx, n);
                    }
                })
                .thenCompose(changed -> tasks.callingOff()
                        .batches(tasks.desk().number(changed.taskId()), ask.reason())
                        .thenApply(over -> changed));
    }

    record Run(
            @Doc("The task's ULID or number.") @Range(min = 1, max = 64)
            String taskId,

            @Doc("A name from models.") Optional<String> model) {}

    @Rpc(value = "Has the hub's own agent do a queued task.", scope = Scope.WRITE)
    public CompletionStage<Changed> run(Run ask) {
        return change(ask.taskId(), (tx, n) -> tasks.counter().runByTheHub(tx, n, ask.model()));
    }

    private interface Change {
        void in(Tx tx, long n);
    }

    private CompletionStage<Changed> change(String taskId, Change change) {
        return store.write(tx -> {
            long n = Book.number(tx, taskId);
            change.in(tx, n);
            return tx.first(
                            "SELECT id, status FROM task WHERE n = ?",
                            row -> new Changed(row.text("id"), row.text("status")),
                            n)
                    .orElseThrow();
        });
    }
}
