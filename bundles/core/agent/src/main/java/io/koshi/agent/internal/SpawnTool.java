package io.koshi.agent.internal;

import io.koshi.api.KoshiException;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Lets the main agent give work to a specialist; that run has no tool to do the same. */
@Component(name = "io.koshi.agent.tool.spawn", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SpawnTool implements Tool {
    static final String NAME = "spawn_agent";

    private static final ToolSpec SPEC = new ToolSpec(
            NAME,
            "Gives work to a specialist who has exactly the tools of a skill, and returns at once. You are told in a"
                    + " later turn when it has ended. [agent_result:ID] in task or context stands for an earlier result.",
            schema());

    private final Spawning spawning;
    private final TurnRoom room;

    @Activate
    public SpawnTool(@Reference Spawning spawning, @Reference TurnRoom room) {
        this.spawning = spawning;
        this.room = room;
    }

    private static Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put(
                "task", text("What is to be done, complete in itself: nothing else is known to the specialist."));
        properties.put("skill", text("The skill to work by; without one there are no tools."));
        properties.put("context", text("What is known about it."));
        properties.put("model", text("A model's name; the skill's own unless told."));
        return Map.of("type", "object", "properties", properties, "additionalProperties", false);
    }

    private static Map<String, Object> text(String description) {
        return Map.of("type", "string", "description", description);
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
    public Output run(Context context, Map<String, Object> arguments) throws InterruptedException {
        Optional<StoredTurn> parent = room.turns().find(context.runId());
        if (parent.isEmpty() || parent.get().assignment().isWorker()) {
            return Output.failed("Only the main agent gives out work.");
        }
        Optional<String> taskId = argument(arguments, "task_id");
        if (taskId.isPresent() == argument(arguments, "task").isPresent()) {
            throw KoshiException.invalid("/task", "give either task or task_id");
        }
        Spawning.Work work = Spawning.Work.of(
                taskId,
                argument(arguments, "task").orElse(""),
                argument(arguments, "skill"),
                argument(arguments, "context"),
                argument(arguments, "model"),
                parent.get(),
                context.trust());
        try {
            Spawning.Given given =
                    spawning.give(spawning.known(work)).toCompletableFuture().get();
            return Output.of("Given out as task " + given.taskId() + "; you are told when it has ended.");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KoshiException told) {
                throw told;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private static Optional<String> argument(Map<String, Object> arguments, String name) {
        return Optional.ofNullable(arguments.get(name)).map(String::valueOf).filter(value -> !value.isBlank());
    }
}
