package io.koshi.agent.internal;

import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/** A run that is on: the thread it has, and why it was told to end. Thread-safe. */
final class Running {
    /** Why a run is told to end before it has. */
    enum Reason {
        ABORTED,
        INTERRUPTED,
        TIMED_OUT,
        PARKED
    }

    private final StoredTurn turn;
    private final int step;
    private final String model;
    private Supplier<Attempt.Outcome> soFar = Attempt.Outcome::nothing;
    private Thread thread;
    private Reason reason;
    private boolean settled;
    private Future<?> limit;

    /** @param step of the list of models, and the model there */
    Running(StoredTurn turn, int step, String model) {
        this.turn = turn;
        this.step = step;
        this.model = model;
    }

    StoredTurn turn() {
        return turn;
    }

    String runId() {
        return turn.turn().runId();
    }

    boolean isWorker() {
        return turn.assignment().isWorker();
    }

    int step() {
        return step;
    }

    String model() {
        return model;
    }

    /** The calling thread works on it from here to {@link #leave}; false when it was told to end before. */
    synchronized boolean enter() {
        if (reason != null) {
            return false;
        }
        thread = Thread.currentThread();
        return true;
    }

    /** The calling thread is done with it; an interrupt meant for the run does not outlive it. */
    synchronized void leave() {
        thread = null;
        if (reason != null) {
            Thread.interrupted();
        }
    }

    /** What it has come to at any moment, for the case that its thread does not listen. */
    synchronized void comesTo(Supplier<Attempt.Outcome> outcome) {
        soFar = outcome;
    }

    Attempt.Outcome soFar() {
        Supplier<Attempt.Outcome> outcome;
        synchronized (this) {
            outcome = soFar;
        }
        return outcome.get();
    }

    /** Tells it to end; the first reason counts. */
    synchronized void tellToEnd(Reason why) {
        if (reason == null && !settled) {
            reason = why;
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    synchronized Optional<Reason> reason() {
        return Optional.ofNullable(reason);
    }

    /** True once: for the one that decides how it ended. */
    synchronized boolean settle() {
        if (settled) {
            return false;
        }
        settled = true;
        if (limit != null) {
            limit.cancel(false);
        }
        return true;
    }

    synchronized boolean settled() {
        return settled;
    }

    /** The timer that ends it when it takes too long. */
    synchronized void limitedBy(Future<?> timer) {
        limit = timer;
        if (settled) {
            timer.cancel(false);
        }
    }
}
