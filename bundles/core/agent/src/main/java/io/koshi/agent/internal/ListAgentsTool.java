package io.koshi.agent.internal;

import io.koshi.agent.internal.AgentResults.Result;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Shows the main agent the specialists that work for its session, and what came of earlier work. */
@Component(name = "io.koshi.agent.tool.list", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ListAgentsTool implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "list_agents",
            "Lists the specialists that work for this conversation and the newest results; [agent_result:ID] in a task"
                    + " stands for a result.",
            Map.of("type", "object", "properties", Map.of(), "additionalProperties", false));
    private static final int SHOWN = 20;

    private final TurnRoom room;

    @Activate
    public ListAgentsTool(@Reference TurnRoom room) {
        this.room = room;
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
        List<String> lines = new ArrayList<>();
        for (AgentViews.Run run : room.turns().workers(context.sessionKey(), SHOWN)) {
            lines.add("task " + run.taskId().orElse(run.runId()) + " is " + run.status()
                    + run.skill().map(skill -> " with " + skill).orElse(""));
        }
        List<Result> results = room.results()
                .list(Optional.of(context.sessionKey()), Optional.empty(), false, SHOWN, Optional.empty());
        for (Result result : results) {
            lines.add(AgentPointers.to(result.id()) + " is " + result.status()
                    + result.skill().map(skill -> " with " + skill).orElse("")
                    + result.taskId().map(task -> ", task " + task).orElse(""));
        }
        return Output.of(lines.isEmpty() ? "No work has been given out here." : String.join("\n", lines));
    }
}
