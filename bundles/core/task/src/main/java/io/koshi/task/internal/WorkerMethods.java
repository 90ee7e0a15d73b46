package io.koshi.task.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.config.Settings;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.store.Store;
import io.koshi.task.Leases;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code task} for workers: lease, renew, ack, nack. */
@Component(name = "io.koshi.task.worker", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("task")
public final class WorkerMethods implements Methods {
    /** What a caller holds whose own door has agreed to hand out code. */
    private static final String CODE = "task.code";

    private static final int MOST_MODELS = 64;
    private static final int LONGEST_MODEL = 200;

    private final TaskQueue tasks;
    private final Store store;
    private final Settings settings;
    private final AutoCloseable farewell;

    @Activate
    public WorkerMethods(
            @Reference TaskQueue tasks,
            @Reference Store store,
            @Reference Settings settings,
            @Reference Registry registry) {
        this.tasks = tasks;
        this.store = store;
        this.settings = settings;
        this.farewell = registry.onClosed(caller -> tasks.desk().closed(caller.connection()));
    }

    @Deactivate
    public void end() throws Exception {
        farewell.close();
    }

    record Lease(
            @Doc("The worker's name, unique among those at work.") @Range(min = 1, max = 200)
            String worker,

            @Doc("What it can do: chat, python, shell; the last two only where tasks.code is on.")
            @Default("[\"chat\"]")
            List<String> types,

            @Doc("The models it has: a task that names another is not given to it.") @Default("[]")
            List<String> models,

            @Doc("At most this many.") @Default("1") @Range(min = 1, max = 1000)
            int max,

            @Doc("How long it may take; tasks.leaseSeconds where absent.") @Range(min = 10, max = 86400000)
            Optional<Long> leaseMs,

            @Doc("How long to wait for a task where there is none.") @Default("0") @Range(min = 0, max = 25000)
            long waitMs) {}

    @Rpc(
            value = "Leases the next tasks to a worker; the leases end with its connection.",
            scope = Scope.WRITE,
            quick = true)
    public CompletionStage<Leases> lease(Lease ask, Caller caller) {
        Set<String> models = models(ask.models());
        List<Line> lines = Line.of(kinds(ask.types(), caller), models);
        Desk.Wish wish = new Desk.Wish(ask.worker(), caller.connection(), lines, ask.max(), time(ask.leaseMs()));
        tasks.offers().made(models);
        return tasks.desk().lease(wish, Duration.ofMillis(ask.waitMs())).thenApply(Leases::new);
    }

    private Set<Kind> kinds(List<String> types, Caller caller) {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (String type : types) {
            Kind kind = Kind.of(type);
            if (kind.code()
                    && !settings.config().tasks().code()
                    && !caller.scopes().contains(CODE)) {
                throw new KoshiException(
                        ErrorCode.FORBIDDEN,
                        "this hub hands out no " + type + " tasks; write 'tasks: { code: true }' into its koshi.yaml");
            }
            kinds.add(kind);
        }
        kinds.remove(Kind.HUMAN);
        if (kinds.isEmpty()) {
            throw KoshiException.invalid("/types", "name chat, python or shell; a human's task is never leased");
        }
        return kinds;
    }

    private static Set<String> models(List<String> named) {
        if (named.isEmpty()) {
            return Set.of();
        }
        Set<String> models = new LinkedHashSet<>(named);
        if (models.size() > MOST_MODELS
                || models.stream().anyMatch(model -> model.isEmpty() || model.length() > LONGEST_MODEL)) {
            throw KoshiException.invalid(
                    "/models",
                    "name at most " + MOST_MODELS + " models, each by 1 to " + LONGEST_MODEL + " characters");
        }
        return models;
    }

    private Duration time(Optional<Long> ms) {
        return ms.map(Duration::ofMillis)
                .orElse(Duration.ofSeconds(settings.config().tasks().leaseSeconds()));
    }

    record Renew(
            @Doc("The task's ULID or number.") @Range(min = 1, max = 64)
            String taskId,

            @Doc("The lease's token.") long fence,

            @Doc("How long from now; tasks.leaseSeconds where absent.") @Range(min = 10, max = 86400000)
            Optional<Long> leaseMs) {}

    record Renewed(@Doc("When the lease runs out now.") Instant leasedUntil) {}

    @Rpc(value = "Lengthens a lease; CONFLICT tells the worker to stop.", scope = Scope.WRITE, quick = true)
    public Renewed renew(Renew ask) {
        return new Renewed(tasks.desk()
                .renew(number(ask.taskId()), ask.fence(), time(ask.leaseMs()))
                .until());
    }

    record Ack(
            @Doc("The task's ULID or number.") @Range(min = 1, max = 64)
            String taskId,

            @Doc("The lease's token.") long fence,
            @Doc("What came of it.") @Default("\"\"") String result) {}

    record Ended(@Doc("True: it is on disk.") boolean ok) {}

    @Rpc(value = "Ends a leased task well; answered when it is on disk.", scope = Scope.WRITE, quick = true)
    public CompletionStage<Ended> ack(Ack ask) {
        return tasks.desk()
                .done(number(ask.taskId()), ask.fence(), ask.result())
                .thenApply(done -> new Ended(true));
    }

    record Close(
            @Doc("The task's ULID or number.") @Range(min = 1, max = 64)
            String taskId,

            @Doc("Whether it ended well.") boolean ok,

            @Doc("What came of it, or what went wrong.") @Default("\"\"")
            String result,

            @Doc("Who did it.") @Range(min = 1, max = 200) String worker) {}

    @Rpc(value = "Ends a queued task that somebody did without a lease.", scope = Scope.ADMIN, quick = true)
    public CompletionStage<Ended> close(Close ask) {
        Payloads.checkResult(ask.result());
        return store.write(tx -> {
            tasks.counter().close(tx, Book.number(tx, ask.taskId()), ask.worker(), ask.ok(), ask.result());
            return new Ended(true);
        });
    }

    /** What is to become of the task. */
    enum Then {
        /** It is tried again while it has tries left. */
        RETRY,
        /** It has failed. */
        FAIL,
        /** It goes to another worker at once; this try does not count. */
        RELEASE
    }

    record Nack(
            @Doc("The task's ULID or number.") @Range(min = 1, max = 64)
            String taskId,

            @Doc("The lease's token.") long fence,

            @Doc("What went wrong.") @Default("\"the worker gave it back\"")
            String error,

            @Doc("retry, fail or release.") @Default("\"retry\"")
            Then then,

            @Doc("How long until the next try; doubles from a second where absent.") @Range(min = 0, max = 3600000)
            Optional<Long> delayMs) {}

    @Rpc(value = "Gives a leased task back: failed, or for others to do.", scope = Scope.WRITE, quick = true)
    public CompletionStage<Ended> nack(Nack ask) {
        Outcome outcome = ask.then() == Then.RELEASE
                ? Outcome.released(ask.error())
                : Outcome.failed(ErrorCode.METHOD_ERROR, ask.error());
        return tasks.desk()
                .failed(
                        number(ask.taskId()),
                        ask.fence(),
                        outcome,
                        ask.then() == Then.FAIL,
                        ask.delayMs().map(Duration::ofMillis))
                .thenApply(ended -> new Ended(true));
    }

    private long number(String taskId) {
        return tasks.desk().number(taskId);
    }
}
