package io.koshi.buffer.internal;

import io.koshi.api.Address;
import io.koshi.api.Message;
import io.koshi.codec.RawObject;
import java.util.function.LongFunction;

/**
 * An unrouted entry as the window holds it.
 *
 * @param message null where memory is short or an earlier run accepted it: it is read back when its batch
 *     is made
 * @param bytes what the message takes, 0 where it is not held
 * @param receivedAt milliseconds since the epoch
 * @param again whether it was redriven and so stands out of order
 */
record Item(
        long entry, String id, Address from, int priority, long receivedAt, Message message, int bytes, boolean again) {
    /** Itself with fields that are JSON text left on disk, from where they are read by its number. */
    Item lean(LongFunction<RawObject> disk) {
        if (message == null || !(message.fields() instanceof RawObject raw)) {
            return this;
        }
        long number = entry; // the fields must not hold this item, and with it what they leave on disk
        Message lean = message.withFields(new KeptFields(raw, () -> disk.apply(number)));
        return new Item(entry, id, from, priority, receivedAt, lean, bytes - raw.raw().length, again);
    }

    /** Itself with nothing of its message. */
    Item without() {
        return message == null ? this : new Item(entry, id, from, priority, receivedAt, null, 0, again);
    }
}
