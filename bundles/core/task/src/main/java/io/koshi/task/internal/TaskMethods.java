package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.store.Store;
import io.koshi.task.Tasks.Order;
import io.koshi.task.internal.TaskViews.Status;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code task}. */
@Component(name = "io.koshi.task.methods", service = Methods.class)
@Namespace("task")
public final class TaskMethods implements Methods {
    private final TaskQueue tasks;
    private final Store store;

    @Activate
    public TaskMethods(@Reference TaskQueue tasks, @Reference Store store) {
        this.tasks = tasks;
        this.store = store;
    }

    record Enqueue(
            @Doc("What it is called.") @Range(max = 500) Optional<String> title,
            @Doc("What is to be done.") String prompt,

            @Doc("chat, python, shell or human; a human's task waits for approval.") @Default("\"chat\"")
            String type,

            @Doc("Lower goes first.") @Default("100") @Range(min = 0, max = 1000)
            int priority,

            @Doc("What it belongs to.") Optional<String> project,
            @Doc("The skill its worker uses.") Optional<String> skill,

            @Doc("Tasks that must be done first.") @Default("[]")
            List<String> dependsOn,

            @Doc("The same one again gives the first task back.")
            Optional<String> requestId) {}

    record Enqueued(
            @Doc("The task's ULID.") String taskId,

            @Doc("queued, blocked or waiting; for a duplicate, where the first one is.")
            String status,

            @Doc("Whether the request id was known and nothing was made.")
            boolean duplicate) {}

    @Rpc(value = "Makes a task; answered when it is on disk.", scope = Scope.WRITE)
    public CompletionStage<Enqueued> enqueue(Enqueue ask) {
        Order order = new Order(
                ask.title(),
                ask.prompt(),
                ask.type(),
                ask.priority(),
                ask.project(),
                ask.skill(),
                ask.dependsOn(),
                ask.requestId(),
                List.of());
        return store.write(tx -> {
            boolean duplicate = tasks.known(tx, order).isPresent();
            String id = tasks.enqueue(tx, order);
            String status = tx.first("SELECT status FROM task WHERE id = ?", row -> row.text("status"), id)
                    .orElseThrow();
            return new Enqueued(id, status, duplicate);
        });
    }

    record Id(@Doc("The task's ULID.") String taskId) {}

    @Rpc(value = "Shows a task in full, with every try at it.", scope = Scope.READ)
    public TaskViews.Task get(Id id) {
        return tasks.get(id.taskId())
                .orElseThrow(() -> KoshiException.notFound("there is no task " + id.taskId() + ": see task.list"));
    }

    record Query(
            @Doc("Only tasks with this status.") Optional<Status> status,
            @Doc("Only tasks of this project.") Optional<String> project,

            @Doc("At most this many.") @Default("50") @Range(min = 1, max = 1000)
            int limit,

            @Doc("Only tasks made before the one with this id.")
            Optional<String> before) {}

    record TaskList(
            @Doc("Tasks, the newest first.") List<TaskViews.Brief> tasks,
            @Doc("Give this as before for the next page.") Optional<String> next) {}

    @Rpc(value = "Lists tasks, the newest first.", scope = Scope.READ)
    public TaskList list(Query query) {
        List<TaskViews.Brief> found = tasks.list(query.status(), query.project(), query.limit(), query.before());
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
            @Doc("Called off.") long cancelled) {}

    @Rpc(value = "Counts tasks by status.", scope = Scope.READ)
    public Stats stats() {
        return new Stats(
                tasks.count(Status.QUEUED),
                tasks.count(Status.BLOCKED),
                tasks.count(Status.WAITING),
                tasks.count(Status.LEASED),
                tasks.count(Status.DONE),
                tasks.count(Status.FAILED),
                tasks.count(Status.CANCELLED));
    }
}
