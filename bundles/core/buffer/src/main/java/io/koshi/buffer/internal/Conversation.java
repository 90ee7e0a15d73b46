package io.koshi.buffer.internal;

import io.koshi.api.Address;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What one conversation has waiting. Confined to its {@link BatchWindow}. */
final class Conversation {
    final Address from;
    final ArrayDeque<Item> waiting = new ArrayDeque<>();

    /** A batch that failed and is offered again as it was. */
    List<Item> failed = List.of();
    /** Tries of {@link #failed} that count. */
    int tries;
    /** Tries of any kind, for the backoff. */
    int backoffs;

    List<Item> inFlight = List.of();
    /** When the first of those that wait came, and how long its window stays open. */
    long firstAt;

    long window;
    long dueAt;
    int priority;
    long order;
    boolean listed;

    Conversation(Address from) {
        this.from = from;
    }

    /** The oldest entry that is not routed, null when there is none. */
    Item oldest() {
        if (!inFlight.isEmpty()) {
            return inFlight.get(0);
        }
        return failed.isEmpty() ? waiting.peekFirst() : failed.get(0);
    }

    /** The lowest number of those that are not routed, redriven ones aside. */
    long lowest() {
        return Stream.of(inFlight, failed, waiting)
                .flatMap(Collection::stream)
                .filter(item -> !item.again())
                .mapToLong(Item::entry)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    /** Sets the place among the others by what would be taken next. */
    void rank() {
        priority = Integer.MAX_VALUE;
        order = Long.MAX_VALUE;
        for (Item item : failed.isEmpty() ? waiting : failed) {
            priority = Math.min(priority, item.priority());
            order = Math.min(order, item.entry());
        }
    }

    List<Item> take(int most) {
        if (!failed.isEmpty()) {
            inFlight = failed;
            failed = List.of();
        } else {
            inFlight = new ArrayList<>(Math.min(most, waiting.size()));
            while (inFlight.size() < most && !waiting.isEmpty()) {
                inFlight.add(waiting.pollFirst());
            }
            inFlight.sort(Comparator.comparingLong(Item::entry)); // a redriven one came late
        }
        return inFlight;
    }
}
