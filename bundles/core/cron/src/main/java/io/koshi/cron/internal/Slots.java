package io.koshi.cron.internal;

import io.koshi.cron.internal.CronViews.Outcome;
import io.koshi.cron.internal.CronViews.State;
import io.koshi.cron.internal.CronViews.Trigger;
import io.koshi.cron.internal.JobTable.OpenRun;
import io.koshi.cron.internal.Plan.Step;
import io.koshi.cron.internal.Spec.Concurrency;
import io.koshi.event.Events;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Claims slots: one commit holds the claim and all that follows from it. Thread-safe. */
final class Slots {
    /** At most so many runs of a job wait for the one before. */
    static final int MOST_QUEUED = 20;

    private static final int MAX_ABOUT = 500;

    private final JobTable table;
    private final Dispatch dispatch;
    private final OpenRuns open;
    private final Events events;

    Slots(JobTable table, Dispatch dispatch, OpenRuns open, Events events) {
        this.table = table;
        this.dispatch = dispatch;
        this.open = open;
        this.events = events;
    }

    /** Claims a job's next slot and starts its work; without effect when the slot was claimed before. */
    void take(Tx tx, Job job, Step step, Instant now) {
        if (!table.advance(tx, job.n(), step.slot())) {
            return;
        }
        boolean last = job.next(step.slot()).isEmpty() && !(job.schedule() instanceof Schedule.Reboot);
        if (last) {
            table.end(tx, job.n(), State.FIRED, now);
        }
        start(tx, job, step, now);
    }

    /** As {@link #take} for a slot beside the schedule; empty when the slot was claimed before. */
    Optional<Dispatch.Started> start(Tx tx, Job job, Step step, Instant now) {
        Optional<String> skipped = step.skipped();
        Outcome outcome = skipped.isPresent() ? Outcome.SKIPPED : Outcome.RUNNING;
        if (skipped.isEmpty() && job.spec().concurrency() != Concurrency.ALLOW && goesOn(tx, job)) {
            boolean queue = job.spec().concurrency() == Concurrency.QUEUE
                    && table.open(tx, job.n(), Outcome.QUEUED) < MOST_QUEUED;
            outcome = queue ? Outcome.QUEUED : Outcome.SKIPPED;
            skipped = Optional.of("the run before still went on");
        }
        Optional<Long> run = table.claim(tx, job.n(), step.slot(), outcome, skipped, now);
        if (run.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                outcome == Outcome.RUNNING ? begin(tx, job, step.slot(), run.get(), now) : Dispatch.Started.NOTHING);
    }

    private boolean goesOn(Tx tx, Job job) {
        return table.open(tx, job.n(), Outcome.RUNNING) > 0;
    }

    private Dispatch.Started begin(Tx tx, Job job, Instant slot, long run, Instant now) {
        List<Dispatch.Started> made = new ArrayList<>(1);
        // first of all that follows the commit: the run could end before it is listened for
        tx.afterCommit(() -> made.forEach(started -> open.add(run, started)));
        Dispatch.Started started = dispatch.start(tx, job, slot);
        made.add(started);
        table.started(tx, run, started, started.open() ? Outcome.RUNNING : Outcome.DONE, now);
        tx.afterCommit(() -> events.publish("cron", "cron.trigger", trigger(job, slot, started)));
        return started;
    }

    /** Claims a slot whose work could not be started: it failed, and is shown so. */
    void refused(Tx tx, Job job, Instant slot, String error, Instant now) {
        if (!table.advance(tx, job.n(), slot)) {
            return;
        }
        if (job.next(slot).isEmpty()) {
            table.end(tx, job.n(), State.FIRED, now);
        }
        table.claim(tx, job.n(), slot, Outcome.RUNNING, Optional.empty(), now)
                .ifPresent(run -> table.ended(tx, run, Outcome.FAILED, Optional.of(error), now));
    }

    /** Starts the run that waits longest, when none of the job goes on. */
    void next(Tx tx, Job job, Instant now) {
        if (goesOn(tx, job)) {
            return;
        }
        Optional<OpenRun> queued = table.firstQueued(tx, job.n());
        queued.ifPresent(run -> begin(tx, job, run.slot(), run.n(), now));
    }

    private static Trigger trigger(Job job, Instant slot, Dispatch.Started started) {
        String about = job.work().about();
        return new Trigger(
                started.taskId().orElse(job.id()),
                about.length() <= MAX_ABOUT ? about : about.substring(0, MAX_ABOUT),
                started.sessionKey(),
                job.id(),
                job.name(),
                slot,
                job.work().kind(),
                started.runId());
    }
}
