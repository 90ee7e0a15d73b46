package io.koshi.memory.internal;

import io.koshi.api.Pools;
import io.koshi.cron.Schedules;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what memories need now and then: sleep, pruning, vectors, a sound index. Thread-safe. */
@Component(
        name = "io.koshi.memory.upkeep",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Upkeep {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration SLEEP_LIMIT = Duration.ofSeconds(30);
    private static final int FIRST_SECONDS = 10;

    private final Recollection memories;
    private final Schedules schedules;
    private final Pools pools;
    private final SleepClock clock = new SleepClock(LocalDateTime.now());
    private final Subscription turns;
    private final ScheduledFuture<?> minutely;
    private final PruneClock pruning = new PruneClock(Instant.now());
    private final AtomicBoolean unsound = new AtomicBoolean(true);

    @Activate
    public Upkeep(
            @Reference Recollection memories,
            @Reference Schedules schedules,
            @Reference Events events,
            @Reference Pools pools) {
        this.memories = memories;
        this.schedules = schedules;
        this.pools = pools;
        this.turns = events.subscribe(List.of("run.completed"), -1, event -> turn());
        this.minutely =
                pools.timer().scheduleWithFixedDelay(() -> work(this::minute), FIRST_SECONDS, 60, TimeUnit.SECONDS);
    }

    private void turn() {
        if (clock.turn(memories.config().sleep(), LocalDateTime.now())) {
            work(() -> memories.sleep(SLEEP_LIMIT));
        }
    }

    private synchronized void minute() {
        LocalDateTime now = LocalDateTime.now();
        memories.embed();
        if (unsound.compareAndSet(true, false)) {
            memories.repair();
        }
        if (clock.tick(memories.config().sleep(), now)) {
            Sleep.Dream dream = memories.sleep(SLEEP_LIMIT);
            LOG.debug("slept: {}", dream);
        }
        if (pruning.due(schedules.read(memories.config().pruneSchedule()), ZoneId.systemDefault(), Instant.now())) {
            int archived = memories.prune();
            if (archived > 0) {
                LOG.info("{} memories of least use are in the archive now: the database is over its size", archived);
            }
            unsound.set(true);
        }
    }

    private void work(Runnable task) {
        try {
            pools.work().execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.warn("the upkeep of memories failed and is tried again: {}", e.getMessage());
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the hub ends; memories are kept up at the next start");
        }
    }

    @Deactivate
    void close() {
        minutely.cancel(false);
        turns.close();
    }
}
