package io.koshi.outbox.internal;

import io.koshi.api.Channel;
import java.lang.ref.WeakReference;

/**
 * How many threads are inside one channel service now. A thread that hangs in it keeps its slot, so a
 * broken channel holds a few threads and no more; its replacement begins anew. A channel that is gone is
 * not kept, however long nothing is sent. Guarded by its {@link Port}.
 */
final class Slots {
    private final WeakReference<Channel> channel;
    int busy;

    Slots(Channel channel) {
        this.channel = new WeakReference<>(channel);
    }

    boolean areOf(Channel other) {
        return channel.get() == other;
    }
}
