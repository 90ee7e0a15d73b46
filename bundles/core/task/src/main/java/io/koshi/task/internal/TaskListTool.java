package io.koshi.task.internal;

import io.koshi.codec.Codec;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code task_list}: the agent looks at tasks. Thread-safe. */
@Component(name = "io.koshi.task.list", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TaskListTool implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "task_list",
            "Lists tasks, the newest first.",
            Spelling.object(
                    Map.of(
                            "status", Spelling.text("Only those that are pending, running, completed, failed, ….", 20),
                            "project", Spelling.text("Only those of this project.", 200),
                            "limit", Spelling.whole("At most this many, 20 unless told.", 1, 100)),
                    List.of()));

    private final TaskQueue tasks;
    private final Codec codec;

    @Activate
    public TaskListTool(@Reference TaskQueue tasks, @Reference Codec codec) {
        this.tasks = tasks;
        this.codec = codec;
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
        int limit = arguments.get("limit") instanceof Number number ? number.intValue() : 20;
        List<Map<String, Object>> found = tasks
                .catalogue()
                .list(new Catalogue.Query(
                        Spelling.given(arguments, "status").map(Spelling::status),
                        Spelling.given(arguments, "project"),
                        limit,
                        Optional.empty(),
                        false))
                .stream()
                .map(TaskListTool::line)
                .toList();
        return Output.of(new String(codec.json(found), StandardCharsets.UTF_8));
    }

    private static Map<String, Object> line(TaskViews.Brief task) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", task.number());
        task.title().or(task::words).ifPresent(title -> line.put("title", title));
        line.put("status", task.status());
        line.put("priority", task.priority());
        task.project().ifPresent(project -> line.put("project", project));
        task.error().ifPresent(error -> line.put("failure_reason", error.message()));
        return line;
    }
}
