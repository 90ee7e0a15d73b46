package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import io.koshi.store.internal.FileBlobs;
import io.koshi.task.Leased;
import io.koshi.task.internal.TaskMethods.Id;
import io.koshi.task.internal.WorkerMethods.Ack;
import io.koshi.task.internal.WorkerMethods.Lease;
import io.koshi.task.internal.WorkerMethods.Nack;
import io.koshi.testkit.TestPools;
import io.koshi.testkit.room.Room;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** A task room on a real store in a folder; made anew on the same folder, it is a restart. */
final class TaskHouse implements AutoCloseable, Registry {
    final Room room;
    /** How far the wall clock is off. */
    volatile Duration wall = Duration.ZERO;

    final TestPools pools;
    final TaskQueue tasks;
    final TaskMethods methods;
    final WorkerMethods workers;
    final SplitMethods splits;
    private Consumer<Caller> farewell;

    TaskHouse(Path folder) {
        this(folder, Map.of());
    }

    TaskHouse(Path folder, Map<String, Object> yaml) {
        room = new Room(folder);
        pools = room.pools;
        room.configure(yaml);
        try {
            tasks = new TaskQueue(
                    room.sqlite,
                    new FileBlobs(room),
                    room,
                    room,
                    pools,
                    room.codec,
                    () -> Instant.now().plus(wall));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        methods = new TaskMethods(tasks, room.sqlite, pools);
        workers = new WorkerMethods(tasks, room.sqlite, room, this);
        splits = new SplitMethods(tasks, room.sqlite);
    }

    String enqueue(String prompt) {
        return enqueue(Map.of("prompt", prompt));
    }

    String enqueue(Map<String, Object> params) {
        return join(methods.enqueue(room.codec.fromData(params, Enqueue.class))).taskId();
    }

    List<Leased> lease(Map<String, Object> params, Caller caller) {
        return join(workers.lease(room.codec.fromData(params, Lease.class), caller))
                .tasks();
    }

    Optional<Leased> lease(String worker) {
        return lease(Map.of("worker", worker), by("")).stream().findFirst();
    }

    static Caller by(String connection) {
        return new Caller("test", Set.of("*")).through(connection);
    }

    void ack(Leased task, String result) {
        join(workers.ack(new Ack(task.taskId(), task.fence(), result)));
    }

    void nack(Leased task, Map<String, Object> more) {
        Map<String, Object> params = new java.util.HashMap<>(more);
        params.put("taskId", task.taskId());
        params.put("fence", task.fence());
        join(workers.nack(room.codec.fromData(params, Nack.class)));
    }

    TaskViews.Task get(String id) {
        return methods.get(new Id(id));
    }

    /** All tasks, the newest first. */
    List<TaskViews.Brief> list() {
        return methods.list(room.codec.fromData(Map.of(), TaskMethods.Query.class))
                .tasks();
    }

    TaskMethods.Stats stats() {
        return join(methods.stats());
    }

    static <T> T join(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof KoshiException known ? known : e;
        }
    }

    @Override
    public void closed(Caller caller) {
        farewell.accept(caller);
    }

    @Override
    public AutoCloseable onClosed(Consumer<Caller> listener) {
        farewell = listener;
        return () -> {};
    }

    @Override
    public CompletionStage<Object> call(Caller caller, String method, Map<String, Object> params, Duration deadline) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException());
    }

    @Override
    public Object ask(Caller caller, String method, Map<String, Object> params) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<MethodInfo> methods() {
        return List.of();
    }

    @Override
    public Optional<MethodInfo> find(String method) {
        return Optional.empty();
    }

    @Override
    public void close() {
        room.quiet();
        room.close();
    }
}
