package io.koshi.ipc.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;

/** A few methods: {@code test.echo} at once, {@code test.later} from another thread, others that misbehave. */
final class TestRegistry implements Registry {
    /** Holds {@code test.held} back. */
    final CountDownLatch held = new CountDownLatch(1);

    private final ExecutorService work;

    TestRegistry(ExecutorService work) {
        this.work = work;
    }

    @Override
    public CompletionStage<Object> call(Caller caller, String method, Map<String, Object> params, Duration deadline) {
        return switch (method) {
            case "test.echo" -> CompletableFuture.completedFuture(params);
            case "test.who" ->
                CompletableFuture.completedFuture(Map.of("name", caller.name(), "deadlineMs", deadline.toMillis()));
            case "test.later" -> CompletableFuture.supplyAsync(() -> params, work);
            case "test.held" ->
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                held.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return params;
                        },
                        work);
            case "test.big" ->
                CompletableFuture.completedFuture(Map.of("text", "x".repeat(((Long) params.get("size")).intValue())));
            case "test.unwritable" -> CompletableFuture.completedFuture(Map.of("thread", new Thread()));
            default ->
                CompletableFuture.failedFuture(new KoshiException(ErrorCode.NO_HANDLER, "there is no " + method));
        };
    }

    @Override
    public Object ask(Caller caller, String method, Map<String, Object> params) {
        return call(caller, method, params, DEADLINE).toCompletableFuture().join();
    }

    @Override
    public List<MethodInfo> methods() {
        return List.of();
    }

    @Override
    public Optional<MethodInfo> find(String method) {
        return Optional.empty();
    }
}
