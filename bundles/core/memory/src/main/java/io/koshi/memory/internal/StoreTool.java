package io.koshi.memory.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.memory.Memories.Note;
import io.koshi.memory.Memories.Tier;
import io.koshi.model.ToolSpec;
import io.koshi.rpc.Doc;
import io.koshi.store.Store;
import io.koshi.tool.Tool;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** {@code memory_store}: remembers something, trusted no more than the run that says it. Thread-safe. */
@Component(name = "io.koshi.memory.tool.store", service = Tool.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class StoreTool implements Tool {
    private final Recollection memories;
    private final Store store;
    private final Codec codec;

    @Activate
    public StoreTool(@Reference Recollection memories, @Reference Store store, @Reference Codec codec) {
        this.memories = memories;
        this.store = store;
        this.codec = codec;
    }

    record Arguments(
            @Doc("One fact, in a sentence that can be understood on its own.")
            @Range(min = 1, max = Recollection.MAX_CONTENT)
            String content,

            @Doc("Words to find it by, beside its own.") @Default("[]")
            List<String> tags,

            @Doc(
                    "episodic: what happened; semantic: what is so; procedural: how something is done; core: what must always be known.")
            @Default("\"episodic\"")
            Tier tier) {}

    @Override
    public ToolSpec spec() {
        return new ToolSpec(
                "memory_store",
                "Remember a fact for later conversations. The same fact again reinforces the first.",
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
        Arguments asked = codec.fromData(arguments, Arguments.class);
        Note note = new Note(
                asked.content(),
                asked.tags(),
                context.sessionKey(),
                context.trust(),
                asked.tier(),
                Optional.of(context.sessionKey()),
                Optional.empty(),
                Optional.empty());
        long id = store.writeNow(tx -> memories.store(tx, note));
        return id == Recollection.REJECTED
                ? Output.failed("Nothing was stored: nothing was left once instructions to a model were taken out.")
                : Output.of("Stored memory #" + id);
    }
}
