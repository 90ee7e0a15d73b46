package io.koshi.testkit;

import static org.awaitility.Awaitility.await;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A call that is expected to wait, made on a thread of its own: a drain, say, that must have begun before a test lets go
 * of what it waits for. Thread-safe.
 */
public final class BlockedCall {
    private final FutureTask<Void> task;

    private BlockedCall(FutureTask<Void> task) {
        this.task = task;
    }

    /** Begins the call, and returns once it waits with a time limit, or is over. */
    public static BlockedCall begin(Waiting call) {
        Callable<Void> body = () -> {
            call.run();
            return null;
        };
        FutureTask<Void> task = new FutureTask<>(body);
        Thread thread = new Thread(task, "blocked-call");
        thread.setDaemon(true);
        thread.start();
        await().until(() -> task.isDone() || thread.getState() == Thread.State.TIMED_WAITING);
        return new BlockedCall(task);
    }

    /** Returns when the call has; fails as it did. */
    public void end() throws InterruptedException, ExecutionException {
        task.get();
    }

    /** What is called. */
    @FunctionalInterface
    public interface Waiting {
        void run() throws Exception;
    }
}
