package io.koshi.cron.internal;

import io.koshi.cron.Schedules;
import io.koshi.cron.Times;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** The reading of schedules for other rooms; it needs nothing of this one. Thread-safe. */
@Component(name = "io.koshi.cron.schedules", service = Schedules.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class CronSchedules implements Schedules {
    @Activate
    public CronSchedules() {}

    @Override
    public Times read(String text) {
        return Schedule.parse(text);
    }
}
