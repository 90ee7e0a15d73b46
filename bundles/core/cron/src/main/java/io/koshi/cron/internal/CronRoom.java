package io.koshi.cron.internal;

import io.koshi.agent.Agent;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.cron.internal.Job.Origin;
import io.koshi.cron.internal.JobTable.Stored;
import io.koshi.event.Events;
import io.koshi.outbox.Outbox;
import io.koshi.rpc.Registry;
import io.koshi.store.Store;
import io.koshi.task.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where jobs live: those of koshi.yaml and those added while the hub runs. Thread-safe. */
@Component(
        name = "io.koshi.cron",
        service = CronRoom.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class CronRoom {
    private static final Logger LOG = LoggerFactory.getLogger(CronRoom.class);
    private static final Duration AFTER_START = Duration.ofMillis(200);
    private static final Duration KEPT = Duration.ofDays(30);

    private final Store store;
    private final Pools pools;
    private final InstantSource clock;
    private final JobTable table;
    private final Jobs jobs;
    private final Agenda agenda = new Agenda();
    private final Slots slots;
    private final Heartbeats heartbeats;
    private final Ticker ticker;
    private final Endings endings;
    private final ConfigJobs configured;
    private final AutoCloseable changes;
    private boolean begun; // guarded by this
    private volatile boolean closed;

    @Activate
    public CronRoom(
            @Reference Store store,
            @Reference Codec codec,
            @Reference Settings settings,
            @Reference Events events,
            @Reference Pools pools,
            @Reference Registry registry,
            @Reference Tasks tasks,
            @Reference Agent agent,
            @Reference Outbox outbox) {
        this(store, codec, settings, events, pools, registry, tasks, agent, outbox, InstantSource.system());
        later();
    }

    /** As the hub makes it, but for the clock; it begins when it is first asked, or at {@link #begin}. */
    CronRoom(
            Store store,
            Codec codec,
            Settings settings,
            Events events,
            Pools pools,
            Registry registry,
            Tasks tasks,
            Agent agent,
            Outbox outbox,
            InstantSource clock) {
        this.store = store;
        this.pools = pools;
        this.clock = clock;
        this.table = new JobTable(store);
        this.jobs = new Jobs(codec);
        this.heartbeats = new Heartbeats(settings, registry, codec);
        OpenRuns open = new OpenRuns();
        this.slots = new Slots(table, new Dispatch(tasks, agent, outbox), open, events);
        this.ticker = new Ticker(pools, store, clock, table, agenda, slots, heartbeats);
        this.endings = new Endings(store, codec, events, registry, outbox, clock, table, jobs, slots, open, heartbeats);
        this.configured = new ConfigJobs(store, settings, table, jobs);
        this.changes = settings.onChange((old, now) -> {
            if (!old.cron().equals(now.cron())) {
                follow();
            }
        });
    }

    /** The hub is to be ready first; slots do not mind. */
    private void later() {
        try {
            pools.timer()
                    .schedule(
                            () -> pools.work().execute(this::beginOrAgain),
                            AFTER_START.toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("not begun: the hub stops");
        }
    }

    private void beginOrAgain() {
        try {
            begin();
        } catch (RuntimeException e) {
            if (!closed) {
                LOG.warn("the jobs could not be read, trying again: {}", e.toString());
                later();
            }
        }
    }

    /** Takes up the configuration's jobs and those on disk; once. */
    synchronized void begin() {
        if (begun || closed) {
            return;
        }
        Instant now = clock.instant();
        ConfigJobs.Taken taken = configured.take(now);
        store.writeNow(tx -> {
            table.forget(tx, now.minus(KEPT));
            return true;
        });
        load(taken);
        begun = true;
        pools.work().execute(endings::catchUp);
        Instant slot = Instant.ofEpochSecond(now.getEpochSecond() + 1);
        agenda.all().stream()
                .filter(job -> job.schedule() instanceof Schedule.Reboot)
                .forEach(job -> atStart(heartbeats.ready(job), slot, now));
        ticker.wake();
    }

    private void atStart(Job job, Instant slot, Instant now) {
        store.write(tx -> {
                    slots.take(tx, job, Plan.Step.run(slot), now);
                    return true;
                })
                .exceptionally(e -> {
                    LOG.warn("job {} did not start with the hub: {}", job.name(), e.toString());
                    return false;
                });
    }

    private void load(ConfigJobs.Taken taken) {
        for (Stored stored : taken.rows()) {
            try {
                Spec known = taken.specs().get(stored.n());
                agenda.put(known == null ? jobs.job(stored) : jobs.job(stored, known));
            } catch (RuntimeException e) {
                LOG.warn("job {} cannot be read and does not run: {}", stored.name(), e.getMessage());
            }
        }
    }

    private synchronized void follow() {
        if (!begun || closed) {
            return;
        }
        ConfigJobs.Taken taken = configured.take(clock.instant());
        agenda.all().stream().filter(job -> job.origin() == Origin.CONFIG).forEach(job -> agenda.remove(job.n()));
        load(taken);
        ticker.wake();
    }

    JobTable table() {
        return table;
    }

    Jobs jobs() {
        return jobs;
    }

    Agenda agenda() {
        return agenda;
    }

    Slots slots() {
        return slots;
    }

    Ticker ticker() {
        return ticker;
    }

    Heartbeats heartbeats() {
        return heartbeats;
    }

    Store store() {
        return store;
    }

    Instant now() {
        return clock.instant();
    }

    @Deactivate
    void close() throws Exception {
        closed = true;
        changes.close();
        ticker.close();
        endings.close();
    }
}
