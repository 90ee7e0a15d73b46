package io.koshi.cron.internal;

import io.koshi.api.Address;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.cron.internal.Job.Origin;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Makes jobs of what was written, and says what is wrong with it. Thread-safe. */
final class Jobs {
    private static final String BEAT = "*/30 * * * *";

    private static final int MOST_SCHEDULES = 2000;

    private final Codec codec;
    private final Map<String, Schedule> schedules = new ConcurrentHashMap<>();

    Jobs(Codec codec) {
        this.codec = codec;
    }

    /**
     * Reads a job as it was written.
     *
     * @throws KoshiException INVALID_PARAMS with a path into it
     */
    Spec spec(Object data) {
        return codec.fromData(data, Spec.class);
    }

    Spec spec(String json) {
        return spec(codec.parseJson(json.getBytes(StandardCharsets.UTF_8)));
    }

    String text(Spec spec) {
        return new String(codec.json(spec), StandardCharsets.UTF_8);
    }

    /** The zone a job's clock is in. */
    static ZoneId zone(Spec spec) {
        return Zones.of(spec.timezone());
    }

    /** @throws KoshiException INVALID_PARAMS with a path into the spec */
    Job job(long n, String id, Origin origin, Trust trust, Spec spec, ZoneId zone, Instant since, Instant lastSlot) {
        Work work = work(spec);
        String text = spec.schedule()
                .or(() -> spec.heartbeat().map(beat -> BEAT))
                .orElseThrow(() -> ScheduleText.wrong("is missing; for example 30 7 * * *, @daily or every 10m"));
        Schedule schedule = schedule(text).from(since);
        Optional<ActiveHours> active = spec.active().map(ActiveHours::parse);
        Job job = new Job(n, id, origin, trust, spec, schedule, zone, active, work, since, lastSlot);
        if (active.isPresent()
                && schedule instanceof Schedule.Calendar
                && job.next(since).isEmpty()) {
            throw KoshiException.invalid("/active", "no time of the schedule " + text + " is in these hours");
        }
        return job;
    }

    /** Thousands of jobs have a few hundred schedules, and reading one costs more than the rest of a job. */
    private Schedule schedule(String text) {
        Schedule known = schedules.get(text);
        if (known == null) {
            known = Schedule.parse(text);
            if (schedules.size() < MOST_SCHEDULES) {
                schedules.put(text, known);
            }
        }
        return known;
    }

    /** A job as it is on disk. */
    Job job(JobTable.Stored stored) {
        return job(stored, spec(stored.spec()));
    }

    /** The same where its spec has been read. */
    Job job(JobTable.Stored stored, Spec spec) {
        return job(
                stored.n(),
                stored.id(),
                stored.origin(),
                stored.trust(),
                spec,
                stored.zone(),
                stored.since(),
                stored.lastSlot());
    }

    private Work work(Spec spec) {
        long kinds = Stream.of(spec.task(), spec.message(), spec.notify_(), spec.heartbeat())
                .filter(Optional::isPresent)
                .count();
        if (kinds != 1) {
            throw KoshiException.invalid(
                    "",
                    "a job has exactly one of task, message, notify and heartbeat; this has "
                            + (kinds == 0 ? "none" : kinds));
        }
        spec.tell().ifPresent(tell -> Address.of(tell.channel(), tell.to()));
        if (spec.task().isPresent()) {
            return new Work.MakeTask(task(spec.task().get()));
        }
        if (spec.message().isPresent()) {
            return new Work.AskAgent(spec.message().get(), spec.message().get().replyTo());
        }
        if (spec.notify_().isPresent()) {
            Spec.Notify notify = spec.notify_().get();
            return new Work.Say(Address.of(notify.channel(), notify.to()), notify.text());
        }
        Spec.Heartbeat beat = spec.heartbeat().orElseThrow();
        return new Work.Look(beat, beat.replyTo(), beat.prompt().orElse(""));
    }

    /** Words alone are for the agent to act on. */
    private Spec.Task task(Object written) {
        Object data = written instanceof String words ? Map.of("prompt", words, "autoRun", true) : written;
        try {
            return codec.fromData(data, Spec.Task.class);
        } catch (KoshiException e) {
            throw Paths.under("/task", e);
        }
    }

    /** What is wrong with a job as written, empty when nothing. */
    List<Problem> problems(Object data) {
        try {
            Spec spec = spec(data);
            Instant now = Instant.EPOCH;
            job(0, "", Origin.CONFIG, Trust.HIGH, spec, zone(spec), now, now);
            return List.of();
        } catch (KoshiException e) {
            return e.details().isEmpty() ? List.of(new Problem("", e.getMessage())) : e.details();
        }
    }
}
