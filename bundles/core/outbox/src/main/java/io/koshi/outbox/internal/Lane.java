package io.koshi.outbox.internal;

import io.koshi.api.Address;
import java.util.concurrent.Future;

/** One conversation's place in its channel's traffic: its replies go out one after the other. Guarded by its {@link Port}. */
final class Lane {
    /** What it is doing. */
    enum State {
        /** Just made. */
        NEW,
        /** In the port's queue. */
        READY,
        /** One of its replies is in hand. */
        RUNNING,
        /** Its first reply waits for its next try. */
        PAUSED
    }

    final Address to;
    State state = State.NEW;

    /** Whether its replies waited from before the start. */
    boolean old;

    /** Whether a reply was added while one was in hand. */
    boolean again;

    /** What ends its pause. */
    Future<?> alarm;

    Lane(Address to) {
        this.to = to;
    }
}
