package io.koshi.cron.internal;

import io.koshi.cron.internal.Spec.Missed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * What a job owes now: the slots that are due since the last one, by its policy for those that were missed. It depends
 * on the job and the moment alone.
 *
 * @param steps in the order of their slots
 * @param next when the job is to be looked at again, empty when never
 */
record Plan(List<Step> steps, Optional<Instant> next) {
    /** A slot that starts up to so much late is on time. */
    static final Duration GRACE = Duration.ofSeconds(60);

    /** At most so many slots are started at a time, of missed ones the newest. */
    static final int MOST = 100;

    /**
     * A slot to claim.
     *
     * @param skipped why nothing is started in it, empty when it is
     */
    record Step(Instant slot, Optional<String> skipped) {
        static Step run(Instant slot) {
            return new Step(slot, Optional.empty());
        }
    }

    static Plan of(Job job, Instant now) {
        List<Step> steps = new ArrayList<>();
        Instant last = job.lastSlot();
        Optional<Instant> slot = job.next(last);
        while (slot.isPresent()
                && steps.size() < MOST
                && !job.fireAt(slot.get()).isAfter(now)) {
            if (late(job, slot.get(), now)) {
                Instant newest = newestLate(job, slot.get(), now);
                steps.addAll(missed(job, last, newest, now));
                last = newest;
            } else {
                steps.add(Step.run(slot.get()));
                last = slot.get();
            }
            slot = job.next(last);
        }
        return new Plan(steps, slot.map(job::fireAt));
    }

    private static boolean late(Job job, Instant slot, Instant now) {
        return job.fireAt(slot).isBefore(now.minus(GRACE));
    }

    private static Instant newestLate(Job job, Instant first, Instant now) {
        Instant bound = now.minus(GRACE).minus(job.jitter()).minusSeconds(1);
        return newest(job, first, bound).orElse(first);
    }

    private static List<Step> missed(Job job, Instant last, Instant newest, Instant now) {
        Missed policy = job.spec().missed();
        boolean followed =
                job.next(newest).filter(slot -> !job.fireAt(slot).isAfter(now)).isPresent();
        if (policy == Missed.SKIP) {
            return List.of(new Step(newest, Optional.of("missed: the hub could not run then, or its clock jumped")));
        }
        if (policy == Missed.ONCE) {
            return followed
                    ? List.of(new Step(newest, Optional.of("missed; the next one makes up for it")))
                    : List.of(Step.run(newest));
        }
        Deque<Step> all = new ArrayDeque<>();
        Optional<Instant> slot = Optional.of(newest);
        while (slot.isPresent() && all.size() < MOST) {
            all.addFirst(Step.run(slot.get()));
            slot = newest(job, last, slot.get().minusSeconds(1));
        }
        slot.ifPresent(dropped -> all.addFirst(
                new Step(dropped, Optional.of("missed, with all before it: at most " + MOST + " are made up"))));
        return List.copyOf(all);
    }

    /** The newest slot after {@code last} and not after {@code bound}, found by halving. */
    private static Optional<Instant> newest(Job job, Instant last, Instant bound) {
        if (!within(job, last, bound)) {
            return Optional.empty();
        }
        long low = last.getEpochSecond(); // a slot follows this and is within the bound
        long high = bound.getEpochSecond(); // none follows this
        while (high - low > 1) {
            long middle = low + (high - low) / 2;
            if (within(job, Instant.ofEpochSecond(middle), bound)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return job.next(Instant.ofEpochSecond(low));
    }

    private static boolean within(Job job, Instant last, Instant bound) {
        return job.next(last).filter(slot -> !slot.isAfter(bound)).isPresent();
    }
}
