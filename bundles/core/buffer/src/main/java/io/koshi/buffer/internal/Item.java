package io.koshi.buffer.internal;

import io.koshi.api.Address;
import io.koshi.api.Message;

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
    Item without() {
        return message == null ? this : new Item(entry, id, from, priority, receivedAt, null, 0, again);
    }
}
