package io.koshi.memory.internal;

import io.koshi.codec.Codec;
import io.koshi.model.ToolSpec;
import io.koshi.rpc.Doc;
import io.koshi.tool.Tool;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code memory_demote}: says that a memory was of no use. Thread-safe. */
@Component(name = "io.koshi.memory.tool.demote", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class DemoteTool implements Tool {
    private final Recollection memories;
    private final Codec codec;

    @Activate
    public DemoteTool(@Reference Recollection memories, @Reference Codec codec) {
        this.memories = memories;
        this.codec = codec;
    }

    record Arguments(@Doc("The memory's number.") long id) {}

    @Override
    public ToolSpec spec() {
        return new ToolSpec(
                "memory_demote",
                "Say that a memory was wrong or of no use: it ranks lower from now on.",
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
        long id = codec.fromData(arguments, Arguments.class).id();
        return memories.demote(id)
                .map(memory -> Output.of("Demoted memory #" + id))
                .orElseGet(() -> Output.failed("Memory #" + id + " not found."));
    }
}
