package io.koshi.cron.internal;

import io.koshi.api.Trust;
import io.koshi.api.Ulid;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.cron.internal.CronViews.JobList;
import io.koshi.cron.internal.CronViews.Listed;
import io.koshi.cron.internal.CronViews.Outcome;
import io.koshi.cron.internal.CronViews.Run;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.session.Sessions;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code cron}. */
@Component(name = "io.koshi.cron.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("cron")
public final class CronMethods implements Methods {
    private final Register register;
    private final Sessions sessions;

    @Activate
    public CronMethods(@Reference Register register, @Reference Sessions sessions) {
        this.register = register;
        this.sessions = sessions;
    }

    record Query(
            @Doc("Also those that have fired or were cancelled.") @Default("false")
            boolean all,

            @Doc("At most this many.") @Default("50") @Range(min = 1, max = 1000)
            int limit) {}

    @Rpc(value = "Lists jobs, those that come next first; looking changes nothing.", scope = Scope.READ)
    public JobList list(Query query) {
        return register.list(query.all(), query.limit());
    }

    record Which(
            @Doc("A job's id or name.") @Range(min = 1, max = 100)
            String id) {}

    record Shown(
            @Doc("The job.") Listed job,

            @Doc("What became of its newest times, the newest first.")
            List<Run> runs) {}

    @Rpc(value = "Shows a job and what became of its newest times.", scope = Scope.READ)
    public Shown get(Which which) {
        Register.Shown shown = register.show(which.id(), JobTable.KEPT_RUNS);
        return new Shown(shown.job(), shown.runs());
    }

    record Added(
            @Doc("Eight characters.") String id,
            @Doc("What it is called.") String name,
            @Doc("Its first time; absent for @reboot.") Optional<Instant> nextAt) {}

    @Rpc(value = "Adds a job; answered when it is on disk.", scope = Scope.WRITE)
    public Added add(Spec spec, Caller caller) {
        Register.Added added = register.add(spec, caller.scopes().contains("*") ? Trust.HIGH : Trust.MEDIUM);
        return new Added(added.id(), added.name(), added.nextAt());
    }

    record Remind(
            @Doc("The session in whose conversation it is said.") @Range(min = 1, max = 1024)
            String sessionKey,

            @Doc("When and what: in 10 minutes TEXT, at 17:30 TEXT, tomorrow 9:00 TEXT, every 2h TEXT.")
            @Range(min = 1, max = 20_000)
            String text,

            @Doc("An IANA zone; the machine's unless told.") Optional<String> timezone) {}

    record Reminded(
            @Doc("Eight characters.") String id,
            @Doc("When it is said.") Instant at,
            @Doc("The same by the zone's clock.") String local,
            @Doc("What is said.") String text) {}

    @Rpc(value = "Has something said in a conversation later, as a person would ask for it.", scope = Scope.WRITE)
    public Reminded remind(Remind ask) {
        ZoneId zone = Zones.of(ask.timezone());
        Reminder reminder = Reminder.parse(ask.text(), register.now(), zone);
        Spec spec = Reminders.say(
                "reminder " + Ulid.next(),
                reminder.schedule(),
                Optional.of(zone.getId()),
                Reminders.here(sessions, ask.sessionKey()),
                "Reminder: " + reminder.text());
        Register.Added added = register.add(spec, Trust.MEDIUM);
        Instant at = added.nextAt().orElseThrow();
        return new Reminded(added.id(), at, at.atZone(zone).toLocalDateTime().toString(), reminder.text());
    }

    record Removed(
            @Doc("Eight characters.") String id,
            @Doc("What it was called.") String name,
            @Doc("Always true.") boolean removed) {}

    @Rpc(value = "Takes a job off for good; those of koshi.yaml are taken out there.", scope = Scope.WRITE)
    public Removed remove(Which which) {
        JobTable.Stored stored = register.remove(which.id());
        return new Removed(stored.id(), stored.name(), true);
    }

    record Ran(
            @Doc("The job.") String id,
            @Doc("The time it is kept under.") Instant slot,
            @Doc("queued, running, done or skipped.") Outcome status,
            @Doc("Why it was not started.") Optional<String> reason,
            @Doc("The task it made.") Optional<String> taskId,
            @Doc("The agent's run it made.") Optional<String> runId,

            @Doc("The session in which an agent works on it.")
            Optional<String> sessionKey) {}

    @Rpc(value = "Starts a job now, whatever its schedule says.", scope = Scope.WRITE)
    public Ran run(Which which) {
        Register.Ran ran = register.run(which.id());
        Run run = ran.run();
        return new Ran(
                ran.job().id(), ran.slot(), run.status(), run.reason(), run.taskId(), run.runId(), ran.sessionKey());
    }

    record Ahead(
            @Doc("A schedule.") @Range(min = 1, max = 500) String schedule,
            @Doc("An IANA zone; the machine's unless told.") Optional<String> timezone,
            @Doc("Times after this one; now unless told.") Optional<Instant> after,

            @Doc("At most this many.") @Default("5") @Range(min = 1, max = 200)
            int count) {}

    record Times(
            @Doc("The next times.") List<Instant> times,
            @Doc("The same by the zone's clock.") List<String> local) {}

    @Rpc(value = "Says when a schedule comes next, without making a job.", scope = Scope.READ)
    public Times next(Ahead ahead) {
        ZoneId zone = Zones.of(ahead.timezone());
        Instant last = ahead.after().orElseGet(register::now);
        Schedule schedule = Schedule.parse(ahead.schedule()).from(last);
        List<Instant> times = new ArrayList<>();
        for (int i = 0; i < ahead.count(); i++) {
            Optional<Instant> slot = schedule.next(zone, last);
            if (slot.isEmpty()) {
                break;
            }
            last = slot.get();
            times.add(last);
        }
        return new Times(
                times,
                times.stream()
                        .map(slot -> slot.atZone(zone).toOffsetDateTime().toString())
                        .toList());
    }
}
