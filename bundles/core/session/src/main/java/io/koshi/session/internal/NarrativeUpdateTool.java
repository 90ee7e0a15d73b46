package io.koshi.session.internal;

import io.koshi.api.KoshiException;
import io.koshi.model.ToolSpec;
import io.koshi.tool.Tool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Lets the main agent say in its own words what a conversation is about. */
@Component(
        name = "io.koshi.session.tool.update",
        service = Tool.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class NarrativeUpdateTool implements Tool {
    private static final int MOST_MEMORIES = 100;
    private static final ToolSpec SPEC = new ToolSpec(
            "narrative_update",
            "Says in a few sentences what this conversation has come to; it goes on from the narrative before.",
            schema());

    private final Transcripts transcripts;

    @Activate
    public NarrativeUpdateTool(@Reference Transcripts transcripts) {
        this.transcripts = transcripts;
    }

    private static Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("summary", Map.of("type", "string", "description", "What was said, decided and is open."));
        properties.put("topic", Map.of("type", "string", "description", "A few words."));
        properties.put(
                "memory_ids",
                Map.of(
                        "type", "array",
                        "items", Map.of("type", "integer"),
                        "description", "Numbers of memories that belong to it."));
        return Map.of(
                "type",
                "object",
                "properties",
                properties,
                "required",
                List.of("summary"),
                "additionalProperties",
                false);
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
        String summary = String.valueOf(arguments.get("summary")).strip();
        if (summary.isEmpty()) {
            throw KoshiException.invalid("/summary", "say what this is about");
        }
        List<Long> memories = new ArrayList<>();
        if (arguments.get("memory_ids") instanceof List<?> ids) {
            ids.stream()
                    .filter(Number.class::isInstance)
                    .limit(MOST_MEMORIES)
                    .forEach(id -> memories.add(((Number) id).longValue()));
        }
        Optional<String> topic =
                Optional.ofNullable(arguments.get("topic")).map(String::valueOf).filter(words -> !words.isBlank());
        long id = transcripts.narratives().tell(context.sessionKey(), topic, summary, memories);
        return Output.of("Updated narrative #" + id);
    }
}
