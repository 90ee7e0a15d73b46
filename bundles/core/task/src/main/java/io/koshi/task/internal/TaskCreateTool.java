package io.koshi.task.internal;

import io.koshi.codec.Codec;
import io.koshi.model.ToolSpec;
import io.koshi.store.Store;
import io.koshi.task.Tasks;
import io.koshi.task.Tasks.Order;
import io.koshi.tool.Tool;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code task_create}: the agent leaves work for later, for itself, a worker or a person. Thread-safe. */
@Component(name = "io.koshi.task.create", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TaskCreateTool implements Tool {
    private static final Map<String, Object> IDS = Map.of(
            "type",
            "array",
            "items",
            Map.of("type", List.of("integer", "string")),
            "maxItems",
            100,
            "description",
            "Ids of tasks that must be done first.");
    private static final ToolSpec SPEC = new ToolSpec(
            "task_create",
            "Makes a task that outlives this conversation: for a worker, for yourself (auto_run) or for a person (type"
                    + " human). Tasks that depend on others wait for them.",
            Spelling.object(
                    Map.of(
                            "title", Spelling.text("What it is called.", 500),
                            "description", Spelling.text("What is to be done; the title where absent.", 64_000),
                            "skill", Spelling.text("The skill it is done with.", 200),
                            "project", Spelling.text("What it belongs to.", 200),
                            "context", Spelling.text("What is known about it.", 64_000),
                            "priority", Spelling.whole("Lower goes first, 100 unless told.", 0, 1000),
                            "depends_on", IDS,
                            "blocked_by", IDS,
                            "type", Map.of("type", "string", "enum", List.of("chat", "human")),
                            "auto_run", Map.of("type", "boolean", "description", "Whether you do it, soon.")),
                    List.of("title")));

    private final TaskQueue tasks;
    private final Store store;
    private final Codec codec;

    @Activate
    public TaskCreateTool(@Reference TaskQueue tasks, @Reference Store store, @Reference Codec codec) {
        this.tasks = tasks;
        this.store = store;
        this.codec = codec;
    }

    @Override
    public ToolSpec spec() {
        return SPEC;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public Audience audience() {
        return Audience.COORDINATOR;
    }

    @Override
    public boolean carriesTrust() {
        return true;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) {
        String title = (String) arguments.get("title");
        Order order = new Order(
                Optional.of(title),
                Spelling.given(arguments, "description").orElse(title),
                Spelling.given(arguments, "type").orElse("chat"),
                arguments.get("priority") instanceof Number priority ? priority.intValue() : Tasks.USUAL_PRIORITY,
                Spelling.given(arguments, "project"),
                Spelling.given(arguments, "skill"),
                needs(arguments),
                Optional.empty(),
                List.of(),
                Boolean.TRUE.equals(arguments.get("auto_run")),
                Optional.empty(),
                Optional.empty(),
                Spelling.given(arguments, "context"),
                Optional.empty(),
                context.trust());
        Intake.check(order);
        long number = store.writeNow(
                tx -> tasks.intake().add(tx, Intake.New.of(order)).n());
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("id", number);
        said.put("message", "Task created");
        return Output.of(new String(codec.json(said), StandardCharsets.UTF_8));
    }

    private static List<String> needs(Map<String, Object> arguments) {
        return Stream.of("depends_on", "blocked_by")
                .map(arguments::get)
                .filter(List.class::isInstance)
                .flatMap(list -> ((List<?>) list).stream())
                .map(Object::toString)
                .toList();
    }
}
