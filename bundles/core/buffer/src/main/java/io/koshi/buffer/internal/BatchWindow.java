package io.koshi.buffer.internal;

import io.koshi.api.Address;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Gathers a conversation's entries until its window closes, and says which conversations are due, the
 * lowest priority number first and first come first among equals. A conversation that was taken is not
 * offered again before it is settled. Time is a parameter, in nanoseconds of any origin. Confined to its
 * owner's lock.
 */
final class BatchWindow {
    /** Entries in one batch at most. */
    static final int MOST = 500;

    private final Map<Address, Conversation> conversations = new HashMap<>();
    private final TreeSet<Conversation> gathering = new TreeSet<>(Comparator.<Conversation>comparingLong(c -> c.dueAt)
            .thenComparingLong(c -> c.order)
            .thenComparing(c -> c.from.toString()));
    private final TreeSet<Conversation> due = new TreeSet<>(Comparator.<Conversation>comparingInt(c -> c.priority)
            .thenComparingLong(c -> c.order)
            .thenComparing(c -> c.from.toString()));
    private int size;
    private long bytes;

    /** Entries that wait or are in flight. */
    int size() {
        return size;
    }

    /** Bytes of messages held. */
    long bytes() {
        return bytes;
    }

    Collection<Conversation> conversations() {
        return conversations.values();
    }

    /** Adds an entry whose conversation is due {@code window} after its first one. */
    void add(Item item, long now, long window) {
        Conversation conversation = conversations.computeIfAbsent(item.from(), Conversation::new);
        boolean first = conversation.waiting.isEmpty();
        conversation.waiting.addLast(item);
        size++;
        bytes += item.bytes();
        if (first) {
            conversation.firstAt = now;
            conversation.window = window;
        }
        if (!conversation.inFlight.isEmpty() || !conversation.failed.isEmpty()) {
            return; // it goes on when that is settled
        }
        boolean full = conversation.waiting.size() >= MOST;
        if (!conversation.listed) {
            conversation.dueAt = full ? now : conversation.firstAt + conversation.window;
            list(conversation, now);
        } else if (item.priority() < conversation.priority || full && conversation.dueAt > now) {
            unlist(conversation);
            conversation.dueAt = full ? Math.min(now, conversation.dueAt) : conversation.dueAt;
            list(conversation, now);
        }
    }

    /** When the next conversation is due, {@link Long#MAX_VALUE} when none waits. */
    long nextDue(long now) {
        if (!due.isEmpty()) {
            return now;
        }
        return gathering.isEmpty() ? Long.MAX_VALUE : gathering.first().dueAt;
    }

    /** Takes the conversations that are due, each with its next batch. */
    List<Conversation> take(long now, int mostEntries) {
        while (!gathering.isEmpty() && gathering.first().dueAt <= now) {
            due.add(gathering.pollFirst());
        }
        List<Conversation> taken = new ArrayList<>();
        int entries = 0;
        while (entries < mostEntries && !due.isEmpty()) {
            Conversation conversation = due.pollFirst();
            conversation.listed = false;
            entries += conversation.take(MOST).size();
            taken.add(conversation);
        }
        return taken;
    }

    /** The batch of this conversation is dealt with, well or for good. */
    void settled(Conversation conversation, long now) {
        size -= conversation.inFlight.size();
        conversation.inFlight.forEach(item -> bytes -= item.bytes());
        conversation.inFlight = List.of();
        conversation.tries = 0;
        conversation.backoffs = 0;
        goOn(conversation, now);
    }

    /** The batch of this conversation is offered again, as {@code items}, not before {@code notBefore}. */
    void failed(Conversation conversation, List<Item> items, long now, long notBefore) {
        size -= conversation.inFlight.size() - items.size();
        conversation.inFlight.forEach(item -> bytes -= item.bytes());
        items.forEach(item -> bytes += item.bytes());
        conversation.inFlight = List.of();
        conversation.failed = items;
        if (items.isEmpty()) {
            conversation.tries = 0;
            conversation.backoffs = 0;
            goOn(conversation, now);
        } else {
            conversation.backoffs++;
            conversation.dueAt = notBefore;
            list(conversation, now);
        }
    }

    private void goOn(Conversation conversation, long now) {
        if (conversation.waiting.isEmpty()) {
            conversations.remove(conversation.from);
            return;
        }
        conversation.dueAt = conversation.waiting.size() >= MOST ? now : conversation.firstAt + conversation.window;
        list(conversation, now);
    }

    private void list(Conversation conversation, long now) {
        conversation.rank();
        conversation.listed = true;
        (conversation.dueAt <= now ? due : gathering).add(conversation);
    }

    private void unlist(Conversation conversation) {
        if (conversation.listed) {
            conversation.listed = false;
            if (!gathering.remove(conversation)) {
                due.remove(conversation);
            }
        }
    }
}
