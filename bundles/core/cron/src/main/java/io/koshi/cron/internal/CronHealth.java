package io.koshi.cron.internal;

import io.koshi.api.Health;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** How the jobs are: those that failed when they last ran are said. Thread-safe. */
@Component(name = "io.koshi.cron.health", service = Health.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class CronHealth implements Health {
    private final CronRoom room;

    @Activate
    public CronHealth(@Reference CronRoom room) {
        this.room = room;
    }

    @Override
    public Report health() {
        int jobs = room.agenda().all().size();
        long failing = jobs == 0 ? 0 : room.table().failing();
        Report report = failing == 0
                ? Report.healthy("cron", "core")
                : Report.degraded(
                        "cron",
                        "core",
                        failing + (failing == 1 ? " job" : " jobs") + " failed when last run: see koshi cron list");
        return report.with(Map.of("jobs", jobs, "failing", failing));
    }
}
