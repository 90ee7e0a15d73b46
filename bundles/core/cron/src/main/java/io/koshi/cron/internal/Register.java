package io.koshi.cron.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.cron.internal.CronViews.JobList;
import io.koshi.cron.internal.CronViews.Listed;
import io.koshi.cron.internal.CronViews.Run;
import io.koshi.cron.internal.CronViews.State;
import io.koshi.cron.internal.Job.Origin;
import io.koshi.cron.internal.JobTable.Stored;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** What methods, tools and conversations do with jobs; looking at them changes nothing. Thread-safe. */
@Component(name = "io.koshi.cron.register", service = Register.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Register {
    private static final int MOST_JOBS = 100_000;

    private final CronRoom room;

    @Activate
    public Register(@Reference CronRoom room) {
        this.room = room;
    }

    Instant now() {
        return room.now();
    }

    /** A job that was added. */
    record Added(String id, String name, Optional<Instant> nextAt) {}

    /**
     * Adds a job in the caller's commit.
     *
     * @throws KoshiException INVALID_PARAMS with a path, CONFLICT when the name is taken, OVERLOADED when there are too many
     */
    Added add(Tx tx, Spec spec, Trust trust) {
        Instant now = room.now();
        ZoneId zone = Jobs.zone(spec);
        Job tried = room.jobs().job(0, "", Origin.ADDED, trust, spec, zone, now, now);
        if (tried.next(now).isEmpty() && !(tried.schedule() instanceof Schedule.Reboot)) {
            throw ScheduleText.wrong("that time has passed; it is now "
                    + now.atZone(zone).toLocalDateTime().withNano(0) + " in " + zone);
        }
        if (room.table().named(tx, spec.name()).isPresent()) {
            throw new KoshiException(
                    ErrorCode.CONFLICT,
                    "there is a job called " + spec.name() + " already: remove it first, or take another name");
        }
        if (room.table().count(tx) >= MOST_JOBS) {
            throw KoshiException.overloaded(
                    "there are " + MOST_JOBS + " jobs already; remove some first", Duration.ofMinutes(1));
        }
        Stored stored = room.table()
                .add(tx, spec.name(), Origin.ADDED, trust, room.jobs().text(spec), zone, now);
        Job job = room.jobs().job(stored);
        if (spec.enabled()) {
            tx.afterCommit(() -> {
                room.agenda().put(job);
                room.ticker().wake();
            });
        }
        return new Added(stored.id(), stored.name(), job.next(job.lastSlot()));
    }

    Added add(Spec spec, Trust trust) {
        room.begin();
        return room.store().writeNow(tx -> add(tx, spec, trust));
    }

    /**
     * Takes a job off for good.
     *
     * @throws KoshiException NOT_FOUND, or CONFLICT for a job of koshi.yaml
     */
    Stored remove(String idOrName) {
        room.begin();
        return room.store().writeNow(tx -> {
            Stored stored = active(tx, idOrName);
            if (stored.origin() == Origin.CONFIG) {
                throw new KoshiException(
                        ErrorCode.CONFLICT, "job " + stored.name() + " stands in koshi.yaml; take it out there");
            }
            room.table().end(tx, stored.n(), State.CANCELLED, room.now());
            tx.afterCommit(() -> room.agenda().remove(stored.n()));
            return stored;
        });
    }

    private Stored active(Tx tx, String idOrName) {
        return room.table()
                .find(tx, idOrName)
                .filter(stored -> stored.state() == State.ACTIVE)
                .orElseThrow(() -> KoshiException.notFound("there is no active job " + idOrName + ": see cron.list"));
    }

    /** A run beside the schedule. */
    record Ran(Stored job, Instant slot, Run run, Optional<String> sessionKey) {}

    /**
     * Starts a job now, whatever its schedule says.
     *
     * @throws KoshiException NOT_FOUND
     */
    Ran run(String idOrName) {
        room.begin();
        Job job = room.heartbeats().ready(room.jobs().job(room.store().read(tx -> active(tx, idOrName))));
        Optional<String> quiet = room.heartbeats().quiet(job);
        return room.store().writeNow(tx -> {
            Stored stored = active(tx, job.id());
            Instant slot = freeSlot(tx, job.n(), Instant.ofEpochMilli(room.now().toEpochMilli()));
            Optional<Dispatch.Started> started = room.slots().start(tx, job, new Plan.Step(slot, quiet), room.now());
            Run run = tx.first("SELECT * FROM cron_run WHERE job = ? AND slot = ?", Run::of, job.n(), slot)
                    .orElseThrow();
            return new Ran(stored, slot, run, started.flatMap(Dispatch.Started::sessionKey));
        });
    }

    /** A moment for a run by hand that no slot has: a schedule's are whole seconds. */
    private static Instant freeSlot(Tx tx, long job, Instant now) {
        Instant slot = now;
        while (slot.getNano() == 0
                || tx.number("SELECT COUNT(*) FROM cron_run WHERE job = ? AND slot = ?", job, slot) > 0) {
            slot = slot.plusMillis(1);
        }
        return slot;
    }

    /** Jobs, those that come next first, then those that have ended, the newest first. */
    JobList list(boolean ended, int limit) {
        room.begin();
        return room.store().read(tx -> {
            long total = room.table().count(tx);
            List<Listed> listed = room.table().list(tx, ended, MOST_JOBS).stream()
                    .map(stored -> new Next(stored, next(stored)))
                    .sorted(Comparator.comparing((Next next) -> next.stored().state())
                            .thenComparing(next -> next.at().orElse(Instant.MAX)))
                    .limit(limit)
                    .map(next -> listed(tx, next))
                    .toList();
            return new JobList(listed, total);
        });
    }

    private record Next(Stored stored, Optional<Instant> at) {}

    private Optional<Instant> next(Stored stored) {
        if (stored.state() != State.ACTIVE) {
            return Optional.empty();
        }
        Job job = room.agenda().find(stored.n()).orElseGet(() -> room.jobs().job(stored));
        return job.spec().enabled() ? job.next(stored.lastSlot()) : Optional.empty();
    }

    private Listed listed(Tx tx, Next next) {
        Stored stored = next.stored();
        Job job = room.jobs().job(stored);
        String about = job.work().about();
        return new Listed(
                stored.id(),
                stored.name(),
                job.spec().description(),
                stored.origin(),
                job.spec().schedule().orElse("*/30 * * * *"),
                stored.zone().getId(),
                job.work().kind(),
                about.length() <= 200 ? about : about.substring(0, 200),
                stored.state(),
                next.at(),
                room.table().runs(tx, stored.n(), 1).stream().findFirst(),
                room.table().failures(tx, stored.n()));
    }

    /** A job and its newest runs. */
    record Shown(Listed job, List<Run> runs) {}

    Shown show(String idOrName, int limit) {
        room.begin();
        return room.store().read(tx -> {
            Stored stored = room.table()
                    .find(tx, idOrName)
                    .orElseThrow(() -> KoshiException.notFound("there is no job " + idOrName + ": see cron.list"));
            return new Shown(
                    listed(tx, new Next(stored, next(stored))), room.table().runs(tx, stored.n(), limit));
        });
    }
}
