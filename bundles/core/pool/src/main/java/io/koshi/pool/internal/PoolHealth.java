package io.koshi.pool.internal;

import io.koshi.api.Health;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Says how busy the threads are and which of them outlived their bundle. Thread-safe. */
@Component(name = "io.koshi.pool.health", configurationPolicy = ConfigurationPolicy.IGNORE)
public final class PoolHealth implements Health {
    private static final int MANY_WAIT = 1_000;

    private final Threads threads;

    @Activate
    public PoolHealth(@Reference Threads threads) {
        this.threads = threads;
    }

    @Override
    public Report health() {
        ElasticPool work = threads.work();
        List<String> stuck = threads.stuck();
        int queued = work.getQueue().size();
        return report(stuck, queued)
                .with(Map.of(
                        "threads", work.getPoolSize(),
                        "busy", work.getActiveCount(),
                        "queued", queued,
                        "timers", threads.timer().getQueue().size(),
                        "stuck", stuck));
    }

    private static Report report(List<String> stuck, int queued) {
        if (!stuck.isEmpty()) {
            return Report.degraded(
                    "pool", "core", "threads of stopped plugins go on; a restart of the hub ends them: " + stuck);
        }
        if (queued > MANY_WAIT) {
            return Report.degraded(
                    "pool", "core", "every work thread is busy and tasks wait; a thread dump shows what holds them");
        }
        return Report.healthy("pool", "core");
    }
}
