package io.koshi.event.internal;

import io.koshi.event.Event;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The newest events, by number. One thread at a time adds; others read meanwhile and are told when what
 * they ask for has been overwritten. Thread-safe for readers.
 */
final class Ring {
    private final AtomicReferenceArray<Event> slots;
    private final int size;

    Ring(int size) {
        this.size = size;
        this.slots = new AtomicReferenceArray<>(size);
    }

    int size() {
        return size;
    }

    void add(Event event) {
        slots.setRelease(slot(event.seq()), event);
    }

    /** The event of this number, null where it is no longer or not yet there. */
    Event get(long seq) {
        Event event = slots.getAcquire(slot(seq));
        return event != null && event.seq() == seq ? event : null;
    }

    /** A ring of another size with as many of the newest events as both hold. */
    Ring resized(int newSize, long newest) {
        Ring other = new Ring(newSize);
        for (long seq = Math.max(1, newest - Math.min(size, newSize) + 1); seq <= newest; seq++) {
            Event event = get(seq);
            if (event != null) {
                other.add(event);
            }
        }
        return other;
    }

    private int slot(long seq) {
        return (int) (seq % size);
    }
}
