package io.koshi.task.internal;

import io.koshi.api.KoshiException;
import io.koshi.model.ToolSpec;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.internal.TaskViews.Status;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code task_update}: the agent ends, reopens, calls off or renames a task. Thread-safe. */
@Component(name = "io.koshi.task.update", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class TaskUpdateTool implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "task_update",
            "Changes a task: completed (with a result), failed (with a reason), cancelled, or pending to try a failed one"
                    + " again; or its title and priority.",
            Spelling.object(
                    Map.of(
                            "id", Spelling.id("The task's id."),
                            "status", Spelling.text("completed, failed, cancelled or pending.", 20),
                            "result", Spelling.text("What came of it.", 64_000),
                            "failure_reason", Spelling.text("Why it failed or is called off.", 1000),
                            "title", Spelling.text("What it is called.", 500),
                            "priority", Spelling.whole("Lower goes first.", 0, 1000)),
                    List.of("id")));

    private final TaskQueue tasks;
    private final Store store;

    @Activate
    public TaskUpdateTool(@Reference TaskQueue tasks, @Reference Store store) {
        this.tasks = tasks;
        this.store = store;
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
    public Output run(Context context, Map<String, Object> arguments) {
        store.writeNow(tx -> {
            long n = Book.number(tx, arguments.get("id").toString());
            Optional<Integer> priority =
                    Optional.ofNullable((Number) arguments.get("priority")).map(Number::intValue);
            Optional<String> title = Spelling.given(arguments, "title");
            if (title.isPresent() || priority.isPresent()) {
                tasks.counter().edit(tx, n, title, priority);
            }
            Spelling.given(arguments, "status").map(Spelling::status).ifPresent(to -> move(tx, n, to, arguments));
            return n;
        });
        return Output.of("{\"message\":\"Task updated\"}");
    }

    /** A person's task is only ended by a person. */
    private void move(Tx tx, long n, Status to, Map<String, Object> arguments) {
        String why = Spelling.given(arguments, "failure_reason").orElse("the agent said so");
        switch (to) {
            case DONE ->
                tasks.counter()
                        .close(
                                tx,
                                n,
                                "agent",
                                true,
                                Spelling.given(arguments, "result").orElse(""));
            case FAILED -> tasks.counter().close(tx, n, "agent", false, why);
            case CANCELLED -> tasks.counter().cancel(tx, n, why);
            case QUEUED -> tasks.counter().retry(tx, n);
            default ->
                throw KoshiException.invalid("/status", "a task is set to completed, failed, cancelled or pending");
        }
    }
}
