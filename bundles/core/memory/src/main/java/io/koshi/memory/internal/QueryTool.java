package io.koshi.memory.internal;

import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.memory.Memories.Memory;
import io.koshi.model.ToolSpec;
import io.koshi.rpc.Doc;
import io.koshi.tool.Tool;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code memory_query}: finds memories; who reads one of LOW trust has read untrusted text. Thread-safe. */
@Component(name = "io.koshi.memory.tool.query", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class QueryTool implements Tool {
    private final Recollection memories;
    private final Codec codec;

    @Activate
    public QueryTool(@Reference Recollection memories, @Reference Codec codec) {
        this.memories = memories;
        this.codec = codec;
    }

    record Arguments(
            @Doc("What to look for, in a person's words.") @Range(min = 1, max = 10_000)
            String query,

            @Doc("At most this many.") @Default("5") @Range(min = 1, max = 50)
            int limit) {}

    @Override
    public ToolSpec spec() {
        return new ToolSpec(
                "memory_query",
                "Find what was remembered in earlier conversations that fits these words.",
                codec.schema(Arguments.class));
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
        Arguments asked = codec.fromData(arguments, Arguments.class);
        List<Memory> found = memories.query(asked.query(), asked.limit());
        if (found.isEmpty()) {
            return Output.of("No memories found.");
        }
        Trust least =
                found.stream().map(Memory::trust).max(Comparator.naturalOrder()).orElseThrow();
        String lines = found.stream().map(QueryTool::line).collect(Collectors.joining("\n"));
        return new Output("From memory:\n" + lines, true, least);
    }

    /** A memory of several lines is indented, so that none of them can pass for another memory. */
    private static String line(Memory memory) {
        String tags = memory.tags().isEmpty() ? "" : " (tags: " + String.join(", ", memory.tags()) + ")";
        String doubt = memory.trust() == Trust.LOW ? " [untrusted, from " + memory.source() + "]" : "";
        return "- [id:" + memory.id() + "] (score: " + memory.score() + ", rank: " + memory.rank() + ") "
                + memory.content().replace("\n", "\n  ") + tags + doubt;
    }
}
