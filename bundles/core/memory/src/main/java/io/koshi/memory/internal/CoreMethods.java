package io.koshi.memory.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.memory.Memories.Memory;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code memory} about the core, sleep, and one memory looked at closely. */
@Component(name = "io.koshi.memory.core", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("memory")
public final class CoreMethods implements Methods {
    private static final Duration SLEEP_LIMIT = Duration.ofSeconds(20);

    private final Recollection memories;
    private final Store store;

    @Activate
    public CoreMethods(@Reference Recollection memories, @Reference Store store) {
        this.memories = memories;
        this.store = store;
    }

    record CoreParams(
            @Doc("Lets this memory into the core; what it goes against leaves. For the hub's owner only.")
            Optional<Long> approve,

            @Doc("Keeps this memory out of the core. For the hub's owner only.")
            Optional<Long> reject) {}

    record Waiting(
            @Doc("The memory that waits.") Memory memory,
            @Doc("Why it does.") String reason,
            @Doc("The core memory it goes against.") Optional<Long> against,
            @Doc("Since when.") Instant since) {
        static Waiting of(CoreMemory.Waiting waiting) {
            return new Waiting(waiting.memory().ranked(0, false), waiting.reason(), waiting.against(), waiting.at());
        }
    }

    record Core(
            @Doc("What the hub always knows; what has the id 0 is what the configuration says.")
            List<Memory> core,

            @Doc("What waits for a person to let it in.") List<Waiting> quarantined) {}

    @Rpc(value = "Shows the core memories and those that wait, and decides about one that waits.", scope = Scope.READ)
    public Core core(CoreParams params, Caller caller) {
        if (params.approve().isPresent() || params.reject().isPresent()) {
            if (!caller.may("memory", Scope.ADMIN)) {
                throw new KoshiException(
                        ErrorCode.FORBIDDEN, "what the core holds is decided with the scope memory.admin");
            }
            store.writeNow(tx -> decide(tx, params));
        }
        return store.read(tx -> new Core(
                Stream.concat(memories.coreMemory().seeds().stream(), CoreMemory.all(tx).stream())
                        .map(kept -> kept.ranked(0, false))
                        .toList(),
                CoreMemory.waiting(tx).stream().map(Waiting::of).toList()));
    }

    private Void decide(Tx tx, CoreParams params) {
        params.approve().ifPresent(id -> memories.coreMemory().approve(tx, id));
        params.reject().ifPresent(id -> memories.coreMemory().reject(tx, id));
        return null;
    }

    @Rpc(value = "Distils now what was remembered since the last time.", scope = Scope.WRITE)
    public Sleep.Dream sleep() {
        return memories.sleep(SLEEP_LIMIT);
    }

    record InspectParams(
            @Doc("Which memory.") long id,

            @Doc("At most this many of its newest changes.") @Default("50") @Range(min = 1, max = 1000)
            int limit) {}

    record Worth(
            @Doc("By its tier, 0 to 1; counts 0.4.") double tier,

            @Doc("By how lately it was of use, 0 to 1; counts 0.25.")
            double recency,

            @Doc("By what use it proved, 0 to 1; counts 0.25.")
            double relevance,

            @Doc("By how sure the hub is of it, 0 to 1; counts 0.1.")
            double confidence,

            @Doc("All together; from 0.75 on sleep proposes it to the core.")
            double aggregate) {
        static Worth of(Retention of) {
            return new Worth(
                    Rank.rounded(of.tier()),
                    Rank.rounded(of.recency()),
                    Rank.rounded(of.relevance()),
                    Rank.rounded(of.confidence()),
                    Rank.rounded(of.aggregate()));
        }
    }

    record Change(
            @Doc("When.") Instant at,

            @Doc("stored, reinforced, demoted, updated, settled, archived, restored or forgotten.")
            String kind,

            @Doc("What it was changed to.") Map<String, Object> detail) {}

    record Inspected(
            @Doc("The memory; absent when it was forgotten.")
            Optional<Memory> memory,

            @Doc("The conversation it comes from.") Optional<String> sessionKey,
            @Doc("The narrative it belongs to.") Optional<Long> narrativeId,
            @Doc("The task it was learned in.") Optional<String> taskId,
            @Doc("What it is worth while the hub sleeps.") Optional<Worth> worth,
            @Doc("What happened to it, the newest last.") List<Change> history) {}

    @Rpc(value = "Shows all there is to know of a memory, also what happened to it.", scope = Scope.READ)
    public Inspected inspect(InspectParams params) {
        return store.read(tx -> {
            Optional<Kept> live = MemoryTable.find(tx, params.id());
            Optional<Kept> kept = live.or(() -> MemoryTable.findArchived(tx, params.id()));
            List<Change> history = memories.log().of(tx, params.id(), params.limit()).stream()
                    .map(change ->
                            new Change(change.at(), change.kind().name().toLowerCase(Locale.ROOT), change.detail()))
                    .toList();
            if (history.isEmpty() && kept.isEmpty()) {
                throw KoshiException.notFound("there is no memory " + params.id());
            }
            return new Inspected(
                    kept.map(known -> known.ranked(0, live.isEmpty())),
                    kept.flatMap(Kept::session),
                    kept.flatMap(Kept::narrativeId),
                    kept.flatMap(Kept::taskId),
                    kept.map(known -> Worth.of(Retention.of(known, Instant.now()))),
                    history);
        });
    }
}
