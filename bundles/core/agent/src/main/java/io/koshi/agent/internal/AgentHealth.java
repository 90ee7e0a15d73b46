package io.koshi.agent.internal;

import io.koshi.api.Health;
import io.koshi.api.Pools;
import io.koshi.config.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says how turns go, and once an hour forgets those that ended long ago. Thread-safe. */
@Component(
        name = "io.koshi.agent.health",
        service = Health.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class AgentHealth implements Health {
    private static final Logger LOG = LoggerFactory.getLogger(AgentHealth.class);

    /** Usage is kept for a year and a month, so that years can be compared. */
    private static final Duration USAGE = Duration.ofDays(400);

    private final TurnRoom room;
    private final ModelTable models;
    private final ScheduledFuture<?> hourly;

    @Activate
    public AgentHealth(
            @Reference TurnRoom room,
            @Reference ModelTable models,
            @Reference Pools pools,
            @Reference Settings settings) {
        this.room = room;
        this.models = models;
        this.hourly = pools.timer()
                .scheduleWithFixedDelay(() -> pools.work().execute(() -> forget(settings)), 1, 60, TimeUnit.MINUTES);
    }

    private void forget(Settings settings) {
        try {
            Duration age = Duration.ofDays(settings.config().buffer().retentionDays());
            while (room.turns().forget(age) > 0) {
                LOG.debug("forgot turns that ended before {}", age);
            }
            while (room.results().forget(age) > 0 || room.usage().forget(USAGE) > 0) {
                LOG.debug("forgot old results and usage");
            }
        } catch (RuntimeException e) {
            LOG.warn("old turns were not forgotten, the next hour tries again: {}", e.getMessage());
        }
    }

    @Override
    public Report health() {
        List<String> missing = room.chain().names(Chain.Wish.main()).stream()
                .filter(name -> models.find(name).isEmpty())
                .toList();
        Report report = missing.isEmpty()
                ? Report.healthy("agent", "core")
                : Report.degraded(
                        "agent", "core", "not here: model " + String.join(", ", missing) + "; see koshi plugins");
        return report.with(Map.of(
                "active", room.dispatcher().running().size(),
                "queued", room.turns().queued(),
                "models", models.names()));
    }

    @Deactivate
    void close() {
        hourly.cancel(false);
    }
}
