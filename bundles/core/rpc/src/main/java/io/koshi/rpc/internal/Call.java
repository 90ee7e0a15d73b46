package io.koshi.rpc.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.rpc.Caller;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of a method, from its start to its one answer. Whoever ends it first wins: the handler, the deadline, the
 * owner going away or the caller by cancelling the answer; the last three interrupt the handler. Thread-safe.
 */
final class Call implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.rpc");

    private final Endpoint endpoint;
    private final Caller caller;
    private final Map<String, Object> params;
    private final CompletableFuture<Object> answer = new CompletableFuture<>() {
        @Override
        public boolean cancel(boolean interrupts) {
            return callOff();
        }
    };
    private final long startedAt = System.nanoTime();

    private Thread runner;
    private CompletionStage<?> elsewhere;
    private boolean interrupted;
    private boolean calledOff;
    private Future<?> alarm;

    Call(Endpoint endpoint, Caller caller, Map<String, Object> params) {
        this.endpoint = endpoint;
        this.caller = caller;
        this.params = params;
    }

    CompletableFuture<Object> answer() {
        return answer;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** Has a timer's task called off when the answer is there. */
    void alarm(Future<?> task) {
        synchronized (this) {
            alarm = task;
        }
        if (answer.isDone()) {
            task.cancel(false);
        }
    }

    /** Does it on this thread. */
    @Override
    public void run() {
        synchronized (this) {
            if (answer.isDone()) {
                return;
            }
            runner = Thread.currentThread();
        }
        Object result = null;
        Throwable failure = null;
        try {
            result = endpoint.invoke(caller, params);
        } catch (Throwable e) {
            failure = e;
        }
        synchronized (this) {
            runner = null;
            if (interrupted) {
                Thread.interrupted(); // it was meant for the handler, not for what this thread does next
            } else if (failure instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        }
        if (failure != null) {
            fail(failure);
        } else if (result instanceof CompletionStage<?> stage) {
            await(stage);
            stage.whenComplete((value, thrown) -> {
                if (thrown != null) {
                    fail(thrown);
                } else {
                    end(value, null);
                }
            });
        } else {
            end(result, null);
        }
    }

    /** The deadline has passed. */
    void expire(Duration deadline) {
        stop(new KoshiException(
                ErrorCode.TIMEOUT,
                endpoint.name() + " did not answer within " + deadline.toMillis() + " ms; it may still have happened"));
    }

    /** The owner has gone. */
    void orphan() {
        stop(new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE,
                endpoint.owner() + " went away before " + endpoint.name() + " answered; try again when it is back"));
    }

    /** The caller wants it no more; what the handler has begun elsewhere is to end too. */
    private boolean callOff() {
        boolean first = stop(new KoshiException(
                ErrorCode.SERVICE_UNAVAILABLE, endpoint.name() + " was called off; it may still have happened"));
        if (first) {
            CompletionStage<?> begun;
            synchronized (this) {
                calledOff = true;
                begun = elsewhere;
            }
            if (begun != null) {
                begun.toCompletableFuture().cancel(false);
            }
        }
        return first;
    }

    /** Notes what goes on elsewhere, and ends it where nobody waits any more. */
    private void await(CompletionStage<?> stage) {
        boolean late;
        synchronized (this) {
            elsewhere = stage;
            late = calledOff;
        }
        if (late) {
            stage.toCompletableFuture().cancel(false);
        }
    }

    private boolean stop(KoshiException why) {
        if (!end(null, why)) {
            return false;
        }
        CompletionStage<?> far;
        synchronized (this) {
            far = endpoint.foreign() ? elsewhere : null;
            if (runner != null) {
                interrupted = true;
                runner.interrupt();
            }
        }
        if (far != null) {
            far.toCompletableFuture().cancel(false);
        }
        return true;
    }

    void fail(Throwable thrown) {
        if (!answer.isDone()) {
            end(null, meaning(thrown));
        }
    }

    private boolean end(Object value, KoshiException failure) {
        boolean first = failure == null
                ? answer.complete(value == null ? Map.of() : value)
                : answer.completeExceptionally(failure);
        if (!first) {
            return false;
        }
        Future<?> task;
        synchronized (this) {
            task = alarm;
        }
        if (task != null) {
            task.cancel(false);
        }
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "{} {} {} µs {}",
                    caller.name(),
                    endpoint.name(),
                    (System.nanoTime() - startedAt) / 1000,
                    failure == null ? "ok" : failure.code());
        }
        return true;
    }

    private KoshiException meaning(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof KoshiException known) {
            return known;
        }
        if (cause instanceof InterruptedException) {
            return new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, endpoint.name() + " was interrupted; try again", cause);
        }
        if (endpoint.foreign()) {
            String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            return new KoshiException(
                    ErrorCode.METHOD_ERROR, endpoint.owner() + " failed at " + endpoint.name() + ": " + why, cause);
        }
        String id = Ulid.next();
        LOG.error("{} failed, error {}", endpoint.name(), id, cause);
        return new KoshiException(
                ErrorCode.INTERNAL, endpoint.name() + " failed inside the hub; the log tells why under " + id, cause);
    }
}
