package io.koshi.cron.internal;

import io.koshi.cron.internal.CronViews.Listed;
import io.koshi.cron.internal.CronViews.Outcome;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code list_jobs}: the agent looks at what is scheduled. Thread-safe. */
@Component(name = "io.koshi.cron.list", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ListJobsTool implements Tool {
    private static final int MOST = 50;
    private static final ToolSpec SPEC = new ToolSpec(
            "list_jobs",
            "Lists the jobs that are scheduled, those that come next first.",
            Map.of("type", "object", "properties", Map.of(), "additionalProperties", false));

    private final Register register;

    @Activate
    public ListJobsTool(@Reference Register register) {
        this.register = register;
    }

    @Override
    public ToolSpec spec() {
        return SPEC;
    }

    @Override
    public boolean readOnly() {
        return true;
    }

    @Override
    public Audience audience() {
        return Audience.COORDINATOR;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) {
        List<Listed> jobs = register.list(false, MOST).jobs();
        return Output.of(
                jobs.isEmpty()
                        ? "No scheduled jobs."
                        : jobs.stream().map(ListJobsTool::line).collect(Collectors.joining("\n")));
    }

    private static String line(Listed job) {
        return "- " + job.name() + " (id: " + job.id() + ") " + job.schedule() + " " + job.timezone() + ", fires at "
                + job.nextAt().map(Instant::toString).orElse("the next start") + ": " + job.kind() + " " + job.task()
                + job.lastRun()
                        .filter(run -> run.status() == Outcome.FAILED)
                        .map(run -> " (failed last time: " + run.error().orElse("") + ")")
                        .orElse("");
    }
}
