package io.koshi.frame.internal;

import io.koshi.event.Event;
import io.koshi.event.Gap;
import io.koshi.frame.Form;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The newest events as frames, so that each is written once however many subscribe to it. Thread-safe. */
final class EncodedEvents {
    private static final int KEPT = 512;
    private static final int LARGEST_KEPT = 8 << 10;

    private final Wording wording;
    private final AtomicReferenceArray<Encoded> slots = new AtomicReferenceArray<>(KEPT);

    EncodedEvents(Wording wording) {
        this.wording = wording;
    }

    byte[] of(Form form, Event event) {
        if (event.topic().equals(Gap.TOPIC)) {
            return wording.event(form, event); // each subscriber's own
        }
        int slot = (int) (event.seq() % KEPT);
        Encoded known = slots.get(slot);
        if (known == null || known.event != event) {
            known = new Encoded(event);
            slots.set(slot, known);
        }
        byte[] frame = form == Form.JSON ? known.json : known.cbor;
        if (frame == null) {
            frame = wording.event(form, event);
            if (frame.length > LARGEST_KEPT) {
                slots.compareAndSet(slot, known, null);
            } else if (form == Form.JSON) {
                known.json = frame;
            } else {
                known.cbor = frame;
            }
        }
        return frame;
    }

    private static final class Encoded {
        private final Event event;
        private volatile byte[] json;
        private volatile byte[] cbor;

        Encoded(Event event) {
            this.event = event;
        }
    }
}
