package io.koshi.memory.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.Http;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Trust;
import io.koshi.codec.Codec;
import io.koshi.config.Config.MemoryBlock;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.memory.Memories;
import io.koshi.model.Spending;
import io.koshi.store.Store;
import io.koshi.store.TextIndex;
import io.koshi.store.Tx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps memories and finds them again by words, meaning, score and age. Thread-safe. */
@Component(
        name = "io.koshi.memory",
        service = {Memories.class, Recollection.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Recollection implements Memories {
    private static final Logger LOG = LoggerFactory.getLogger(Recollection.class);

    /** Longest memory, in characters; longer things are documents. */
    static final int MAX_CONTENT = 20_000;

    /** The id of a memory that nothing was left of. */
    static final long REJECTED = -1;

    private final Store store;
    private final Events events;
    private final Settings settings;
    private final TextIndex texts;
    private final TextIndex archived;
    private final MemoryLog log;
    private final MemoryTable table;
    private final Cleaning cleaning;
    private final CoreMemory core;
    private final Sleep sleep;
    private final Archive archive;
    private final Reindex reindex;
    private final Reindex reindexArchive;
    private final Rebuild rebuild;
    private final Meaning meaning;
    private final Recall recall;

    @Activate
    public Recollection(
            @Reference Store store,
            @Reference Events events,
            @Reference Settings settings,
            @Reference Codec codec,
            @Reference Pools pools,
            @Reference Http http,
            @Reference Spending spending) {
        this.store = store;
        this.events = events;
        this.settings = settings;
        store.migrate("memory", MemoryTables.STEPS);
        this.texts = store.textIndex(MemoryTables.INDEX);
        this.archived = store.textIndex(MemoryTables.ARCHIVE_INDEX);
        this.log = new MemoryLog(codec);
        this.table = new MemoryTable(log, texts, archived);
        this.cleaning = new Cleaning(events);
        this.core = new CoreMemory(table, settings, events);
        this.sleep = new Sleep(store, table, core);
        this.archive = new Archive(store, table, settings);
        this.reindex = new Reindex(store, "memory", texts);
        this.reindexArchive = new Reindex(store, "memory_archive", archived);
        this.rebuild = new Rebuild(store, log, table, new Fold(codec), reindex, reindexArchive);
        this.meaning = new Meaning(settings, store, new EmbeddingService(http, codec, spending, pools.work()), pools);
        this.recall = new Recall(store, texts, archived, meaning);
    }

    @Override
    public long store(Tx tx, Note note) {
        if (note.content().length() > MAX_CONTENT) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE, "a memory has at most " + MAX_CONTENT + " characters; store its gist");
        }
        Optional<String> content = cleaning.clean(tx, note.content(), note.source(), note.trust());
        if (content.isEmpty()) {
            return REJECTED;
        }
        Optional<Kept> known = table.same(tx, Words.sameness(content.get()));
        long id = known.isPresent() ? again(tx, known.get(), note) : insert(tx, content.get(), note);
        var stored = new MemoryEvents.Stored(id, note.source(), note.tags(), note.trust(), known.isPresent());
        tx.afterCommit(() -> {
            events.publish("memory", "memory.stored", stored);
            meaning.wake();
        });
        return id;
    }

    /** The same was said again: a good word for it, and the better of two authors vouches. */
    private long again(Tx tx, Kept known, Note note) {
        table.weigh(tx, known, settings.config().memory().reinforceWeight(), true);
        if (note.trust().compareTo(known.trust()) < 0) {
            table.settle(tx, known.trusted(note.trust()), known.tier());
        }
        if (note.tier() == Tier.CORE && known.tier() != Tier.CORE) {
            core.propose(tx, known);
        }
        return known.id();
    }

    private long insert(Tx tx, String content, Note note) {
        boolean core = note.tier() == Tier.CORE;
        return insert(tx, Notes.fresh(content, note).in(core ? Tier.SEMANTIC : note.tier()), core);
    }

    /** @param core whether it is to be proposed to the core */
    long insert(Tx tx, Kept fresh, boolean core) {
        if (store.diskShort()) {
            LOG.warn("no memory was stored: the disk has less than store.minFreeMB left");
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE, "the disk is nearly full: free some space, then store it again");
        }
        long id = table.insert(tx, fresh);
        if (core) {
            this.core.propose(tx, MemoryTable.find(tx, id).orElseThrow());
        }
        return id;
    }

    @Override
    public List<Memory> query(String words, int limit) {
        return recall.query(words, limit, Recall.Where.BOTH);
    }

    List<Memory> query(String words, int limit, Recall.Where where) {
        return recall.query(words, limit, where);
    }

    @Override
    public List<Memory> core() {
        return store.read(tx ->
                CoreMemory.all(tx).stream().map(kept -> kept.ranked(0, false)).toList());
    }

    /** The newest memories, without any effect on them. */
    List<Memory> newest(Optional<Tier> tier, int limit) {
        return store.read(tx -> tx.query(
                tier.isPresent()
                        ? "SELECT * FROM memory WHERE tier = ? ORDER BY id DESC LIMIT ?"
                        : "SELECT * FROM memory WHERE ? IS NULL ORDER BY id DESC LIMIT ?",
                row -> Kept.of(row).ranked(0, false),
                tier,
                limit));
    }

    Optional<Memory> reinforce(long id) {
        return weigh(id, settings.config().memory().reinforceWeight(), true);
    }

    Optional<Memory> demote(long id) {
        return weigh(id, -settings.config().memory().demoteWeight(), false);
    }

    private Optional<Memory> weigh(long id, int by, boolean reinforced) {
        return store.writeNow(tx -> {
            table.wake(tx, id).ifPresent(kept -> table.weigh(tx, kept, by, reinforced));
            return MemoryTable.find(tx, id).map(kept -> kept.ranked(0, false));
        });
    }

    /**
     * Rewrites a memory and keeps its score; absent tags stay as they are.
     *
     * @param by who says so; the memory is trusted no more than that afterwards
     * @throws KoshiException CONFLICT when another memory says the same
     */
    Optional<Memory> update(long id, String content, Optional<List<String>> tags, Trust by) {
        return store.writeNow(tx -> {
            Optional<Kept> old = table.wake(tx, id);
            if (old.isEmpty()) {
                return Optional.empty();
            }
            String left = cleaning.clean(tx, content, old.get().source(), by)
                    .orElseThrow(() -> KoshiException.invalid("/content", "nothing is left of it once cleaned"));
            long twin = tx.number("SELECT id FROM memory WHERE sameness = ? AND id <> ?", Words.sameness(left), id);
            if (twin != 0) {
                throw new KoshiException(
                        ErrorCode.CONFLICT, "memory " + twin + " says the same: reinforce it and forget this one");
            }
            table.rewrite(tx, id, left, tags.map(Tags::tidy).orElse(old.get().tags()));
            rechecked(tx, old.get(), by);
            tx.afterCommit(meaning::wake);
            return MemoryTable.find(tx, id).map(kept -> kept.ranked(0, false));
        });
    }

    /** Other words are another memory: less trusted where their author is, and out of the core until checked. */
    private void rechecked(Tx tx, Kept old, Trust by) {
        tx.update("DELETE FROM memory_quarantine WHERE memory = ?", old.id());
        Kept fresh = MemoryTable.find(tx, old.id()).orElseThrow();
        Kept judged = fresh.trusted(by.compareTo(fresh.trust()) > 0 ? by : fresh.trust());
        if (old.tier() == Tier.CORE) {
            table.settle(tx, judged, Tier.SEMANTIC);
            core.propose(tx, judged.in(Tier.SEMANTIC));
        } else if (judged.trust() != fresh.trust()) {
            table.settle(tx, judged, old.tier());
        }
    }

    /** Takes a memory away for good; false when there was none. */
    boolean forget(long id) {
        return store.writeNow(tx -> table.forget(tx, id));
    }

    /** Figures, each counted and none believed: what the index can find is asked of the index. */
    MemoryEvents.Stats stats() {
        return MemoryFigures.of(store, texts, archived);
    }

    /** Distils, for so long at most. */
    Sleep.Dream sleep(Duration limit) {
        return sleep.run(limit);
    }

    /** Archives what is too much; how many. */
    int prune() {
        return archive.prune();
    }

    /** Has vectors fetched for memories that have none. */
    void embed() {
        meaning.wake();
    }

    /** Makes the text indexes anew that do not know of every memory; of how many, 0 when they were right. */
    long repair() {
        return reindex.repair() + reindexArchive.repair();
    }

    /** Compares the tables with the log and the indexes with the tables, and mends them where that is asked for. */
    Rebuild.Found rebuild(boolean mend) {
        Rebuild.Found found = rebuild.run(mend);
        if (mend && !found.sound()) {
            LOG.info("memories were rebuilt: {}", found);
            meaning.wake();
        }
        return found;
    }

    MemoryBlock config() {
        return settings.config().memory();
    }

    CoreMemory coreMemory() {
        return core;
    }

    MemoryTable table() {
        return table;
    }

    MemoryLog log() {
        return log;
    }

    Cleaning cleaning() {
        return cleaning;
    }

    @Deactivate
    void close() {
        meaning.close();
    }
}
