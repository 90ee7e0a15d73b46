package io.koshi.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The hub's database. One writer joins the writes that wait into one commit; readers have connections of
 * their own and see what is committed.
 */
@ProviderType
public interface Store {
    /** What to do inside a transaction. */
    @FunctionalInterface
    interface Work<T> {
        /**
         * Runs on the store's thread or the caller's, possibly more than once, together with other writes: it
         * must be short, must not wait and must leave no trace outside {@code tx} but through {@link
         * Tx#afterCommit}.
         */
        T run(Tx tx) throws Exception;
    }

    /**
     * Writes; completes after the commit is on disk. A failing work fails alone: nothing of it is kept and
     * those it shared a commit with are not harmed.
     *
     * @return fails with a {@link io.koshi.api.KoshiException}: what the work threw, or
     *     SERVICE_UNAVAILABLE when the database cannot be written
     */
    <T> CompletableFuture<T> write(Work<T> work);

    /**
     * As {@link #write}; where nothing else is being written the calling thread does it itself, which takes the time of
     * one commit and saves two thread switches. For threads that many others do not wait for.
     */
    default <T> CompletableFuture<T> writeHere(Work<T> work) {
        return write(work);
    }

    /** Writes and waits for the commit. */
    <T> T writeNow(Work<T> work);

    /** Reads on a reader's connection, on the calling thread; sees one state of the database. */
    <T> T read(Work<T> work);

    /**
     * Brings a room's tables to its newest version, one numbered step after another; what was applied is
     * remembered, and a changed step is refused. Call it in the room's constructor.
     *
     * @param room the room's name; its tables begin with it or are named for its noun
     * @param steps SQL of each version from 1, statements separated by a line of {@code ;}
     */
    void migrate(String room, List<String> steps);

    /** A full-text index of this name, made on first use. */
    TextIndex textIndex(String name);

    /** Whether the disk is below {@code store.minFreeMB}: new memories and low-priority intake are refused. */
    boolean diskShort();

    /** Figures for status and metrics. */
    StoreStats stats();
}
