package io.koshi.gateway.internal;

/** What a WebSocket is for: hears its messages, one at a time and in order, and its end. */
interface Hearer {
    /** The connection is there; the peer can be spoken to from now on. */
    void opened(Peer peer);

    void message(Peer peer, boolean text, byte[] payload);

    /** No more input waits at the moment. */
    default void settle() {}

    /** All that waited was sent. */
    default void drained() {}

    /** Whether no more should be read for now; {@link Peer#stir} when that has changed. */
    default boolean full() {
        return false;
    }

    /** Whether nothing is under way that the client waits for. */
    default boolean idle() {
        return true;
    }

    /** A message was longer than may be: the last word before the connection ends. */
    default void tooLarge(Peer peer) {}

    /** The connection is gone, whoever ended it. */
    void closed(int code, String reason);
}
