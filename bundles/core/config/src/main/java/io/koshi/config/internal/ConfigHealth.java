package io.koshi.config.internal;

import io.koshi.api.Health;
import io.koshi.api.Problem;
import io.koshi.config.Settings;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Degraded while the file says something the hub cannot follow. Thread-safe. */
@Component(name = "io.koshi.config.health", configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ConfigHealth implements Health {
    private final Settings settings;

    @Activate
    public ConfigHealth(@Reference Settings settings) {
        this.settings = settings;
    }

    @Override
    public Report health() {
        List<Problem> problems = settings.problems();
        if (problems.isEmpty()) {
            return Report.healthy("config", "core");
        }
        String first = problems.get(0).problem();
        String which = settings.origin().lastGood() ? "The last good configuration serves: " : "";
        String more = problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more)";
        return Report.degraded("config", "core", which + first + more).with(Map.of("problems", problems.size()));
    }
}
