package io.koshi.session.internal;

import io.koshi.api.Health;
import io.koshi.api.Pools;
import io.koshi.config.Settings;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says how many sessions there are, and once an hour forgets those of old spawned runs. Thread-safe. */
@Component(
        name = "io.koshi.session.health",
        service = Health.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SessionHealth implements Health {
    private static final Logger LOG = LoggerFactory.getLogger(SessionHealth.class);

    private final Transcripts transcripts;
    private final ScheduledFuture<?> hourly;

    @Activate
    public SessionHealth(@Reference Transcripts transcripts, @Reference Pools pools, @Reference Settings settings) {
        this.transcripts = transcripts;
        this.hourly = pools.timer()
                .scheduleWithFixedDelay(() -> pools.work().execute(() -> forget(settings)), 1, 60, TimeUnit.MINUTES);
    }

    private void forget(Settings settings) {
        try {
            Duration age = Duration.ofDays(settings.config().buffer().retentionDays());
            while (transcripts.forgetSpawned(age) > 0) {
                LOG.debug("forgot sessions of spawned runs older than {}", age);
            }
        } catch (RuntimeException e) {
            LOG.warn("old sessions were not forgotten, the next hour tries again: {}", e.getMessage());
        }
    }

    @Override
    public Report health() {
        return Report.healthy("session", "core").with(transcripts.figures());
    }

    @Deactivate
    void close() {
        hourly.cancel(false);
    }
}
