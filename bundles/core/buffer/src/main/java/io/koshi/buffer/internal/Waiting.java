package io.koshi.buffer.internal;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Every unrouted entry: in the window as far as memory goes, on disk beyond. What is accepted goes in on
 * one side, in order; conversations that are due come out on the other. Thread-safe.
 */
final class Waiting {
    /** Conversations due so soon are taken along, so that one commit covers more of them. */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final BatchWindow window = new BatchWindow();
    private final Backlog backlog;
    private final Entries entries;
    private final Depth depth;
    private final LongSupplier windowNanos;
    private final Limits limits;
    private final long firstNew;
    private boolean open;
    private boolean loading;
    private boolean counted;
    private int underWay;

    /**
     * How much is held in memory.
     *
     * @param entries beyond so many, entries are on disk alone
     * @param bytes beyond so many, messages are
     * @param fieldBytes beyond so many, a message's fields are; what is held for a whole window outlives the
     *     heap's young generation, and collecting it from the old one halts everything
     */
    record Limits(int entries, long bytes, long fieldBytes) {
        /** Loaded at once, and when fewer than this wait. */
        int page() {
            return Math.max(1, entries / 10);
        }
    }

    Waiting(Entries entries, Depth depth, LongSupplier windowNanos, Limits limits) {
        this.entries = entries;
        this.depth = depth;
        this.windowNanos = windowNanos;
        this.limits = limits;
        this.firstNew = entries.next();
        this.backlog = new Backlog(entries.mark(), firstNew);
        entries.redriven().forEach(this::redriven);
    }

    /** An entry was committed; called in the order of their numbers. */
    void accepted(Item item) {
        lock.lock();
        try {
            depth.add(item.from().channel(), 1);
            if (backlog.holds(item.entry(), window.size() >= limits.entries())) {
                add(bounded(item));
            }
        } finally {
            lock.unlock();
        }
    }

    /** As much of an entry as there is room for. */
    private Item bounded(Item item) {
        if (window.bytes() + item.bytes() <= limits.fieldBytes()) {
            return item;
        }
        Item lean = item.lean(entries::fields);
        return window.bytes() + lean.bytes() <= limits.bytes() ? lean : item.without();
    }

    /** An entry is to be routed once more. */
    void redriven(Item item) {
        lock.lock();
        try {
            depth.add(item.from().channel(), 1);
            add(item);
        } finally {
            lock.unlock();
        }
    }

    void open() {
        lock.lock();
        try {
            open = true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets nothing more out; false when what is out did not come back in time. */
    boolean close(Duration patience) {
        lock.lock();
        try {
            open = false;
            changed.signalAll();
            long left = patience.toNanos();
            boolean interrupted = false;
            while (underWay > 0 && left > 0) {
                long before = System.nanoTime();
                try {
                    changed.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                left -= System.nanoTime() - before;
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return underWay == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for conversations that are due and takes them; empty once this is closed. */
    List<Conversation> take(int mostEntries) throws InterruptedException {
        lock.lock();
        try {
            while (open) {
                loadMore();
                long now = System.nanoTime();
                List<Conversation> taken = window.take(now + slack(), mostEntries);
                if (!taken.isEmpty()) {
                    underWay += taken.size();
                    return taken;
                }
                long due = window.nextDue(now);
                if (due == Long.MAX_VALUE) {
                    changed.await();
                } else {
                    changed.awaitNanos(due - now);
                }
            }
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    /** A conversation's batch has come to an end; its next may go. */
    void settled(Conversation conversation) {
        lock.lock();
        try {
            underWay--;
            depth.add(conversation.from.channel(), -conversation.inFlight.size());
            window.settled(conversation, System.nanoTime());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A conversation's batch is to be offered again after a pause, with these of its entries. */
    void failed(Conversation conversation, List<Item> items, Duration pause) {
        lock.lock();
        try {
            underWay--;
            depth.add(conversation.from.channel(), items.size() - conversation.inFlight.size());
            long now = System.nanoTime();
            window.failed(conversation, items, now, now + pause.toNanos());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A number that no unrouted entry is below, but for redriven ones. */
    long mark() {
        lock.lock();
        try {
            long mark = backlog.seen();
            for (Conversation conversation : window.conversations()) {
                mark = Math.min(mark, conversation.lowest());
            }
            return mark;
        } finally {
            lock.unlock();
        }
    }

    /** When the oldest entry of each channel was received, in milliseconds since the epoch. */
    Map<String, Long> oldest() {
        lock.lock();
        try {
            Map<String, Long> oldest = new HashMap<>();
            for (Conversation conversation : window.conversations()) {
                Item item = conversation.oldest();
                if (item != null) {
                    oldest.merge(conversation.from.channel(), item.receivedAt(), Math::min);
                }
            }
            return oldest;
        } finally {
            lock.unlock();
        }
    }

    private void add(Item item) {
        long now = System.nanoTime();
        long before = window.nextDue(now);
        window.add(item, now, windowNanos.getAsLong());
        if (window.nextDue(now) < before) {
            changed.signal();
        }
    }

    private long slack() {
        return Math.min(SLACK_NANOS, windowNanos.getAsLong() / 16);
    }

    /** Loads the next of the backlog where there is room; the lock is not held while the disk is read. */
    private void loadMore() {
        while (open && backlog.active() && !loading && window.size() < limits.page()) {
            loading = true;
            backlog.looking();
            long from = backlog.from();
            boolean count = !counted;
            List<Item> items = List.of();
            List<Entries.Count> counts = List.of();
            boolean read = false;
            lock.unlock();
            try {
                counts = count ? entries.count(from, firstNew) : counts;
                items = entries.unrouted(from, limits.page());
                read = true;
            } finally {
                lock.lock();
                loading = false;
                counted |= count && read;
            }
            if (read) {
                counts.forEach(one -> depth.add(one.channel(), one.entries()));
                items.forEach(this::add);
                backlog.loaded(items, limits.page());
                changed.signalAll();
            }
        }
    }
}
