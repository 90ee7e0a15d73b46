package io.koshi.outbox.internal;

import io.koshi.api.Channel;

/**
 * How many threads are inside one channel service now. A thread that hangs in it keeps its slot, so a
 * broken channel holds a few threads and no more; its replacement begins anew. Guarded by its {@link Port}.
 */
final class Slots {
    final Channel channel;
    int busy;

    Slots(Channel channel) {
        this.channel = channel;
    }
}
