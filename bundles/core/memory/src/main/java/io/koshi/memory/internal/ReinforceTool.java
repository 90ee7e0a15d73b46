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

/** {@code memory_reinforce}: says that a memory was useful. Thread-safe. */
@Component(
        name = "io.koshi.memory.tool.reinforce",
        service = Tool.class,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ReinforceTool implements Tool {
    private final Recollection memories;
    private final Codec codec;

    @Activate
    public ReinforceTool(@Reference Recollection memories, @Reference Codec codec) {
        this.memories = memories;
        this.codec = codec;
    }

    record Arguments(@Doc("The memory's number.") long id) {}

    @Override
    public ToolSpec spec() {
        return new ToolSpec(
                "memory_reinforce",
                "Say that a memory was useful: it ranks higher from now on.",
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
    public boolean carriesTrust() {
        return true;
    }

    @Override
    public Output run(Context context, Map<String, Object> arguments) {
        long id = codec.fromData(arguments, Arguments.class).id();
        return memories.reinforce(id)
                .map(memory -> Output.of("Reinforced memory #" + id))
                .orElseGet(() -> Output.failed("Memory #" + id + " not found."));
    }
}
