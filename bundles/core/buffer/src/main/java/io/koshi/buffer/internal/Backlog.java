package io.koshi.buffer.internal;

import java.util.List;

/**
 * Which unrouted entries are only on disk: what an earlier run left, or what did not fit into memory.
 * While there is a backlog everything new joins it, and it is loaded from its front in order, so order is
 * kept. Confined to its owner's lock.
 */
final class Backlog {
    private long from;
    private long newest;
    private boolean active;
    private long looked;

    /**
     * @param from the first number that may be on disk alone
     * @param next the number of the next entry to be accepted
     */
    Backlog(long from, long next) {
        this.from = from;
        this.newest = next - 1;
        this.active = from < next;
        if (!active) {
            this.from = next;
        }
    }

    boolean active() {
        return active;
    }

    /** The first number that was not loaded. */
    long from() {
        return from;
    }

    /** A number that no entry which is neither loaded nor on disk alone is below. */
    long seen() {
        return active ? from : Math.max(from, newest + 1);
    }

    /**
     * An entry was committed; entries come in order.
     *
     * @param full whether memory takes no more
     * @return whether it is to be held in memory
     */
    boolean holds(long entry, boolean full) {
        newest = Math.max(newest, entry);
        if (entry < from) {
            return false; // loaded from disk before its commit was told of
        }
        if (!active && full) {
            active = true;
            from = entry;
        }
        return !active;
    }

    /** What a look at the disk from {@link #from} gave. */
    void loaded(List<Item> items, int limit) {
        if (!items.isEmpty()) {
            from = items.get(items.size() - 1).entry() + 1;
        }
        if (items.size() < limit) {
            from = Math.max(from, looked);
            active = newest >= from; // what came meanwhile may not have been seen by that look
        }
    }

    /** Called before a look at the disk: all up to here is committed and will be seen by it. */
    void looking() {
        looked = newest + 1;
    }
}
