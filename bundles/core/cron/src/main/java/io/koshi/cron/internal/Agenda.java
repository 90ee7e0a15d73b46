package io.koshi.cron.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/** The active jobs by the moment each is to be looked at next. Thread-safe. */
final class Agenda {
    private final Map<Long, Job> jobs = new HashMap<>();
    private final Map<Long, Due> dues = new HashMap<>();
    private final PriorityQueue<Due> queue = new PriorityQueue<>(Comparator.comparing(Due::at));

    private record Due(long job, Instant at) {}

    /** Puts a job here, or in the place of itself. */
    synchronized void put(Job job, Optional<Instant> at) {
        remove(job.n());
        jobs.put(job.n(), job);
        at.ifPresent(moment -> {
            Due due = new Due(job.n(), moment);
            dues.put(job.n(), due);
            queue.add(due);
        });
    }

    /** As {@link #put}, looked at when its next slot is to be started. */
    void put(Job job) {
        put(job, job.next(job.lastSlot()).map(job::fireAt));
    }

    synchronized void remove(long n) {
        jobs.remove(n);
        dues.remove(n); // what is left of it in the queue is passed over there
    }

    synchronized Optional<Job> find(long n) {
        return Optional.ofNullable(jobs.get(n));
    }

    synchronized Collection<Job> all() {
        return List.copyOf(jobs.values());
    }

    /** Jobs to look at now, those that wait longest first; they stay here without a moment until put again. */
    synchronized List<Job> due(Instant now, int most) {
        List<Job> found = new ArrayList<>();
        while (found.size() < most && first() != null && !first().at().isAfter(now)) {
            Due due = queue.poll();
            dues.remove(due.job());
            found.add(jobs.get(due.job()));
        }
        return found;
    }

    /** The moment of the job that comes first. */
    synchronized Optional<Instant> next() {
        return Optional.ofNullable(first()).map(Due::at);
    }

    private Due first() {
        while (!queue.isEmpty() && dues.get(queue.peek().job()) != queue.peek()) {
            queue.poll();
        }
        return queue.peek();
    }
}
