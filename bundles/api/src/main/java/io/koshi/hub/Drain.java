package io.koshi.hub;

import java.time.Duration;
import org.osgi.annotation.versioning.ConsumerType;

/** A part that has work to finish before the hub ends; called in the order of {@link #phase}. */
@ConsumerType
public interface Drain {
    /** 10 stop intake, 20 routing, 30 turns, 40 outbox, 50 doors. */
    int phase();

    /** Finishes or parks what is under way; returns within {@code limit} whatever happens. */
    void drain(Duration limit) throws InterruptedException;
}
