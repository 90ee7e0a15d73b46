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
        while (known == null || known.event != event) {
            if (known != null && known.event.seq() > event.seq()) {
                return wording.event(form, event); // somebody far behind does not push out what others read now
            }
            Encoded made = new Encoded(event);
            known = slots.compareAndSet(slot, known, made) ? made : slots.get(slot);
        }
        byte[] frame = known.frame(form, wording);
        if (frame.length > LARGEST_KEPT) {
            slots.compareAndSet(slot, known, null);
        }
        return frame;
    }

    private static final class Encoded {
        private final Event event;
        private byte[] json; // guarded by this
        private byte[] cbor; // guarded by this

        Encoded(Event event) {
            this.event = event;
        }

        synchronized byte[] frame(Form form, Wording wording) {
            if (form == Form.JSON) {
                json = json == null ? wording.event(form, event) : json;
                return json;
            }
            cbor = cbor == null ? wording.event(form, event) : cbor;
            return cbor;
        }
    }
}
