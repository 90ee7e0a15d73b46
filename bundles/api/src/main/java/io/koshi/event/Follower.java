package io.koshi.event;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes events as long as it has room; one call at a time, on a thread that others wait for too. */
@ConsumerType
@FunctionalInterface
public interface Follower {
    /**
     * Takes an event, at once.
     *
     * @return false where there is no room now; the same event comes again after {@link Subscription#resume}
     */
    boolean take(Event event);

    /** No more events wait at the moment: what was taken can go on its way. */
    default void rest() {}
}
