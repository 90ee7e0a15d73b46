package io.koshi.store.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.store.Store.Work;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A write that waits for its commit. Confined to the writer, then to the completion thread. */
final class Pending<T> {
    final Work<T> work;
    final CompletableFuture<T> future = new CompletableFuture<>();
    /** Whether a thread waits and nothing is chained to the future, so that completing it costs little. */
    final boolean awaited;

    private T result;
    private KoshiException failure;
    private List<Runnable> hooks = List.of();

    /** Whether the one who brought it would have committed it alone, so that telling them may cost its thread as well. */
    final boolean here;

    Pending(Work<T> work, boolean awaited) {
        this(work, awaited, false);
    }

    Pending(Work<T> work, boolean awaited, boolean here) {
        this.work = work;
        this.awaited = awaited;
        this.here = here;
    }

    /** Runs the work; what an earlier run left is forgotten. */
    void run(SqliteTx tx) throws Exception {
        hooks = List.of();
        failure = null;
        result = work.run(tx);
        hooks = tx.hooks();
    }

    void fail(Throwable cause) {
        result = null;
        hooks = List.of();
        failure = cause instanceof KoshiException known
                ? known
                : new KoshiException(
                        ErrorCode.INTERNAL,
                        "a write failed in " + work.getClass().getName() + ": " + cause,
                        cause);
    }

    boolean failed() {
        return failure != null;
    }

    boolean hasHooks() {
        return !hooks.isEmpty();
    }

    List<Runnable> hooks() {
        return hooks;
    }

    /** Tells the caller. */
    void complete() {
        if (failure == null) {
            future.complete(result);
        } else {
            future.completeExceptionally(failure);
        }
    }
}
