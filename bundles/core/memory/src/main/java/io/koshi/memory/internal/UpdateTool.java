package io.koshi.memory.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.Range;
import io.koshi.model.ToolSpec;
import io.koshi.rpc.Doc;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code memory_update}: rewrites a memory. Thread-safe. */
@Component(name = "io.koshi.memory.tool.update", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class UpdateTool implements Tool {
    private final Recollection memories;
    private final Codec codec;

    @Activate
    public UpdateTool(@Reference Recollection memories, @Reference Codec codec) {
        this.memories = memories;
        this.codec = codec;
    }

    record Arguments(
            @Doc("The memory's number.") long id,

            @Doc("What it says from now on.") @Range(min = 1, max = Recollection.MAX_CONTENT)
            String content,

            @Doc("Its new tags; left out, they stay.") Optional<List<String>> tags) {}

    @Override
    public ToolSpec spec() {
        return new ToolSpec(
                "memory_update",
                "Rewrite a memory that is out of date; it keeps its score.",
                codec.schema(Arguments.class));
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
        Arguments asked = codec.fromData(arguments, Arguments.class);
        return memories.update(asked.id(), asked.content(), asked.tags(), context.trust())
                .map(memory -> Output.of("Updated memory #" + asked.id() + ": " + memory.content()))
                .orElseGet(() -> Output.failed("Memory #" + asked.id() + " not found."));
    }
}
