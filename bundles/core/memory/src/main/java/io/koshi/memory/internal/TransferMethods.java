package io.koshi.memory.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.memory.Memories.Tier;
import io.koshi.memory.internal.Portable.Format;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Doc;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import io.koshi.store.Store;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** The methods of {@code memory} that move many: out, in, and away. */
@Component(name = "io.koshi.memory.transfer", service = Methods.class, configurationPolicy = ConfigurationPolicy.IGNORE)
@Namespace("memory")
public final class TransferMethods implements Methods {
    private static final int MOST_TEXT = 4_000_000;
    private static final int PAGE = 200;

    private final Recollection memories;
    private final Store store;
    private final Portable portable;
    private final Intake intake;

    @Activate
    public TransferMethods(@Reference Recollection memories, @Reference Store store, @Reference Codec codec) {
        this.memories = memories;
        this.store = store;
        this.portable = new Portable(codec);
        this.intake = new Intake(store, memories, codec);
    }

    record ExportParams(
            @Doc("jsonl: a JSON object a line; markdown: for people.") @Default("\"jsonl\"")
            Format format,

            @Doc("Where to go on: next of the page before.") @Default("0")
            long after,

            @Doc("At most this many, fewer where they are long.") @Default("500") @Range(min = 1, max = 5000)
            int limit,

            @Doc("Those in the archive instead of the others.") @Default("false")
            boolean archive) {}

    record Exported(
            @Doc("The memories as text; pages are put one after another.")
            String text,

            @Doc("How many these are.") int count,
            @Doc("Give this as after for the next page.") Optional<Long> next) {}

    @Rpc(value = "Writes memories as text, a page at a time, the oldest first.", scope = Scope.READ)
    public Exported export(ExportParams params) {
        String table = params.archive() ? "memory_archive" : "memory";
        List<Kept> page = store.read(tx -> tx.query(
                "SELECT * FROM " + table + " WHERE id > ? ORDER BY id LIMIT ?",
                Kept::of,
                params.after(),
                params.limit()));
        StringBuilder text = new StringBuilder();
        int count = 0;
        for (Kept kept : page) {
            text.append(portable.write(params.format(), kept, params.archive()));
            count++;
            if (text.length() > MOST_TEXT / 4) {
                break;
            }
        }
        boolean more = count < page.size() || page.size() == params.limit();
        return new Exported(
                text.toString(), count, more ? Optional.of(page.get(count - 1).id()) : Optional.empty());
    }

    record ImportParams(
            @Doc("jsonl: a JSON object a line; markdown: as exported, or notes, each list item or paragraph one.")
            @Default("\"jsonl\"")
            Format format,

            @Doc("Memories as text; a long one in pieces.") @Range(max = MOST_TEXT)
            String text) {}

    @Rpc(
            value = "Takes memories in that were written as text; those that are known stay as they are.",
            scope = Scope.WRITE,
            name = "import")
    public Intake.Taken take(ImportParams params, Caller caller) {
        return intake.take(
                portable.read(params.format(), params.text()),
                caller.name(),
                MemoryMethods.trust(caller, Optional.empty()));
    }

    record RebuildParams(
            @Doc("Only looks, and changes nothing.") @Default("false")
            boolean check) {}

    @Rpc(
            value = "Makes the memories what their log says, and the full-text index what they say.",
            scope = Scope.ADMIN)
    public Rebuild.Found rebuild(RebuildParams params) {
        return memories.rebuild(!params.check());
    }

    /** What can be wiped. */
    enum Layer {
        ALL,
        EPISODIC,
        SEMANTIC,
        PROCEDURAL,
        CORE,
        ARCHIVE
    }

    record WipeParams(
            @Doc("What to wipe: all, one tier, or the archive.")
            Layer layer,

            @Doc("Must be true: what is wiped is gone for good.") @Default("false")
            boolean yes) {}

    record Wiped(@Doc("How many memories are gone.") long wiped) {}

    @Rpc(value = "Forgets many memories for good.", scope = Scope.ADMIN)
    public Wiped wipe(WipeParams params) {
        if (!params.yes()) {
            throw new KoshiException(ErrorCode.INVALID_PARAMS, "say yes: true; what is wiped is gone for good");
        }
        long wiped = 0;
        if (params.layer() != Layer.ARCHIVE) {
            Optional<Tier> tier = params.layer() == Layer.ALL
                    ? Optional.empty()
                    : Optional.of(Tier.valueOf(params.layer().name()));
            wiped += wipe("SELECT id FROM memory WHERE ? IS NULL OR tier = ? LIMIT ?", tier);
        }
        if (params.layer() == Layer.ARCHIVE || params.layer() == Layer.ALL) {
            wiped += wipe("SELECT id FROM memory_archive WHERE ? IS NULL OR tier = ? LIMIT ?", Optional.empty());
        }
        return new Wiped(wiped);
    }

    private long wipe(String select, Optional<Tier> tier) {
        long wiped = 0;
        int page = PAGE;
        while (page == PAGE) {
            page = store.writeNow(tx -> {
                List<Long> ids = tx.query(select, row -> row.number("id"), tier, tier, PAGE);
                ids.forEach(id -> memories.table().forget(tx, id));
                return ids.size();
            });
            wiped += page;
        }
        return wiped;
    }
}
