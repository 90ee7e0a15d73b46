package io.koshi.event;

import java.util.List;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The hub's bus. Publishing never waits for a subscriber: each reads the replay window at its own pace
 * and, when it falls out of it, is given {@code gateway.gap} with what it lost. Thread-safe.
 */
@ProviderType
public interface Events {
    /** Publishes; returns the event's sequence number. */
    long publish(String source, String topic, Object payload);

    /**
     * Subscribes.
     *
     * @param topics patterns of {@code [A-Za-z0-9_.:-]+} with {@code *} at the end or as a whole segment
     * @param since replay what is still known after this number; -1 for none
     * @param listener called in order, one call at a time, on a thread of the work pool; may block
     */
    Subscription subscribe(List<String> topics, long since, Consumer<Event> listener);

    /**
     * Subscribes a follower that never blocks. What it has no room for waits in the replay window, where it costs
     * nothing but its place; beyond that the follower is given {@code gateway.gap}.
     *
     * @param topics as for {@link #subscribe}
     * @param since as for {@link #subscribe}
     */
    default Subscription follow(List<String> topics, long since, Follower follower) {
        return subscribe(topics, since, event -> {
            follower.take(event);
            follower.rest();
        });
    }

    /** Identifies this start of the hub; sequence numbers of another epoch mean nothing here. */
    String epoch();

    /** The number of the newest event, 0 before the first. */
    long seq();
}
