package io.koshi.session.internal;

import io.koshi.api.Trust;
import io.koshi.model.ToolSpec;
import io.koshi.session.Sessions.Narrative;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Lets the main agent look up what its conversation was about: the newest, one by number and on from it, or by words. */
@Component(
        name = "io.koshi.session.tool.search",
        service = Tool.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class NarrativeSearchTool implements Tool {
    private static final ToolSpec SPEC = new ToolSpec(
            "narrative_search",
            "Finds what this conversation was about: the newest narrative without a query, one by its number and those"
                    + " that go on from it, or those that fit words.",
            Map.of(
                    "type",
                    "object",
                    "properties",
                    Map.of("query", Map.of("type", "string", "description", "Nothing, a number, or words.")),
                    "additionalProperties",
                    false));

    private final Transcripts transcripts;

    @Activate
    public NarrativeSearchTool(@Reference Transcripts transcripts) {
        this.transcripts = transcripts;
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
        Optional<String> query = Optional.ofNullable(arguments.get("query")).map(String::valueOf);
        List<Narrative> found = transcripts.narratives().search(Optional.of(context.sessionKey()), query);
        if (found.isEmpty()) {
            return Output.of("No narratives found.");
        }
        String text = found.stream().map(NarrativeSearchTool::line).collect(Collectors.joining("\n"));
        return new Output(text, true, Trust.MEDIUM); // what was said here before, by those who may speak here
    }

    private static String line(Narrative narrative) {
        return "[narrative:" + narrative.id() + "] "
                + narrative.topic().map(topic -> topic + ": ").orElse("")
                + narrative.summary()
                + narrative.previous().map(id -> " (goes on from " + id + ")").orElse("")
                + (narrative.memoryIds().isEmpty() ? "" : " (memories: " + narrative.memoryIds() + ")");
    }
}
