package io.koshi.memory.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.memory.Memories.Memory;
import io.koshi.memory.Memories.Note;
import io.koshi.memory.Memories.Tier;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.store.Store;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code memory}. */
@Component(name = "io.koshi.memory.methods", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("memory")
public final class MemoryMethods implements Methods {
    private final Recollection memories;
    private final Store store;

    @Activate
    public MemoryMethods(@Reference Recollection memories, @Reference Store store) {
        this.memories = memories;
        this.store = store;
    }

    record StoreParams(
            @Doc("What to remember.") @Range(min = 1) String content,

            @Doc("Words to find it by, beside its own.") @Default("[]")
            List<String> tags,

            @Doc("Where it comes from; the caller's name unless told.")
            Optional<String> source,

            @Doc("How far its author is trusted; never more than the caller is.")
            Optional<Trust> trust,

            @Doc("Where it goes: episodic, semantic, procedural, or core, which is checked first.")
            @Default("\"episodic\"")
            Tier tier,

            @Doc("The conversation it comes from.") Optional<String> sessionKey,
            @Doc("The narrative it belongs to.") Optional<Long> narrativeId,
            @Doc("The task it was learned in.") Optional<String> taskId) {}

    record Stored(
            @Doc("The memory's number, -1 when nothing was left of it once cleaned.")
            long id) {}

    @Rpc(value = "Stores a memory; the same content again reinforces the first.", scope = Scope.WRITE, name = "store")
    public CompletionStage<Stored> store(StoreParams params, Caller caller) {
        Note note = new Note(
                params.content(),
                params.tags(),
                params.source().orElse(caller.name()),
                trust(caller, params.trust()),
                params.tier(),
                params.sessionKey(),
                params.narrativeId(),
                params.taskId());
        return store.write(tx -> new Stored(memories.store(tx, note)));
    }

    /** What is claimed, but never more than the caller has. */
    static Trust trust(Caller caller, Optional<Trust> claimed) {
        Trust most = caller.scopes().contains("*") ? Trust.HIGH : Trust.MEDIUM;
        return claimed.filter(trust -> trust.compareTo(most) > 0).orElse(most);
    }

    record Query(
            @Doc("A person's words; any of them may match.") @Range(max = 10_000)
            String query,

            @Doc("At most this many.") @Default("5") @Range(min = 1, max = 100)
            int limit,

            @Doc("Only the archive, or none of it; left out, what room is left is filled from it.")
            Optional<Boolean> archive) {}

    record Found(@Doc("Memories, the best first.") List<Memory> memories) {}

    @Rpc(value = "Finds the memories that fit a person's words best.", scope = Scope.READ)
    public Found query(Query query) {
        Recall.Where where = query.archive()
                .map(only -> only ? Recall.Where.ARCHIVE : Recall.Where.LIVE)
                .orElse(Recall.Where.BOTH);
        return new Found(memories.query(query.query(), query.limit(), where));
    }

    record UpdateParams(
            @Doc("Which memory.") long id,

            @Doc("What it says from now on.") @Range(min = 1, max = Recollection.MAX_CONTENT)
            String content,

            @Doc("Its new tags; left out, they stay.") Optional<List<String>> tags) {}

    record One(@Doc("The memory as it is now.") Memory memory) {}

    @Rpc(value = "Rewrites a memory and keeps its score.", scope = Scope.WRITE)
    public One update(UpdateParams params, Caller caller) {
        Trust trust = trust(caller, Optional.empty());
        return one(params.id(), memories.update(params.id(), params.content(), params.tags(), trust));
    }

    record Id(@Doc("Which memory.") long id) {}

    @Rpc(value = "Says that a memory was useful: it ranks higher.", scope = Scope.WRITE)
    public One reinforce(Id params) {
        return one(params.id(), memories.reinforce(params.id()));
    }

    @Rpc(value = "Says that a memory was of no use: it ranks lower.", scope = Scope.WRITE)
    public One demote(Id params) {
        return one(params.id(), memories.demote(params.id()));
    }

    record Forgotten(
            @Doc("Which memory.") long id,
            @Doc("False when there was none.") boolean forgotten) {}

    @Rpc(value = "Takes a memory away for good.", scope = Scope.WRITE)
    public Forgotten forget(Id params) {
        return new Forgotten(params.id(), memories.forget(params.id()));
    }

    @Rpc(value = "Counts memories.", scope = Scope.READ)
    public MemoryEvents.Stats stats() {
        return memories.stats();
    }

    record Peek(
            @Doc("Only this tier: episodic, semantic, procedural or core.")
            Optional<Tier> tier,

            @Doc("At most this many.") @Default("10") @Range(min = 1, max = 1000)
            int limit) {}

    @Rpc(value = "Shows the newest memories and has no effect on them.", scope = Scope.READ)
    public Found peek(Peek peek) {
        return new Found(memories.newest(peek.tier(), peek.limit()));
    }

    private static One one(long id, Optional<Memory> memory) {
        return new One(memory.orElseThrow(() -> KoshiException.notFound("there is no memory " + id)));
    }
}
