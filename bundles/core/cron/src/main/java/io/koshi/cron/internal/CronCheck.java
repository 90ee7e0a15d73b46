package io.koshi.cron.internal;

import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.config.Config;
import io.koshi.config.ConfigCheck;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Says which jobs of a configuration cannot be. Thread-safe. */
@Component(name = "io.koshi.cron.check", service = ConfigCheck.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class CronCheck implements ConfigCheck {
    private final Jobs jobs;
    private volatile Checked checked = new Checked(List.of(), List.of());

    @Activate
    public CronCheck(@Reference Codec codec) {
        this.jobs = new Jobs(codec);
    }

    /** What was found of a list of jobs; health asks of the same list again and again. */
    private record Checked(List<Map<String, Object>> cron, List<Problem> problems) {}

    /** Who asks while another's answer is being found waits for that: at a start many ask at once. */
    @Override
    public synchronized List<Problem> check(Config candidate) {
        if (checked.cron() != candidate.cron()) { // the very same, since a configuration never changes
            checked = new Checked(candidate.cron(), problems(candidate));
        }
        return checked.problems();
    }

    private List<Problem> problems(Config candidate) {
        List<Problem> problems = new ArrayList<>();
        Set<Object> names = new HashSet<>();
        for (int i = 0; i < candidate.cron().size(); i++) {
            Map<String, Object> entry = candidate.cron().get(i);
            String path = "/cron/" + i;
            problems.addAll(Paths.under(path, jobs.problems(entry)));
            if (entry.get("name") != null && !names.add(entry.get("name"))) {
                problems.add(new Problem(path + "/name", "the job '" + entry.get("name") + "' is here twice"));
            }
        }
        return problems;
    }
}
