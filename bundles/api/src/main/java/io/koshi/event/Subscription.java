package io.koshi.event;

/** A subscriber's place on the bus. */
public interface Subscription extends AutoCloseable {
    /** The newest event when the subscription began. */
    long startedAt();

    /** How many events were replayed or will be, at the time of subscribing. */
    long replayed();

    /** A {@link Follower} has room again; does nothing when it was not full. */
    default void resume() {}

    /** Ends it; no call starts after this returns. */
    @Override
    void close();
}
