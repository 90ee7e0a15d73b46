package io.koshi.service.mcp;

import io.koshi.api.KoshiException;
import java.time.Duration;
import java.util.Map;

/** A connection to a server, one JSON-RPC 2.0 message at a time. Thread-safe. */
interface Wire extends AutoCloseable {
    /** The most bytes of one message. */
    int MAX_MESSAGE = 16 << 20;

    /** Hears what a server says of its own accord. */
    @FunctionalInterface
    interface Listener {
        /** Returns at once. */
        void notified(String method);
    }

    /**
     * Asks and waits.
     *
     * @return the result
     * @throws KoshiException TIMEOUT, SERVICE_UNAVAILABLE when the server has gone, METHOD_ERROR when it says no
     */
    Map<String, Object> request(String method, Map<String, Object> params, Duration limit) throws InterruptedException;

    /** Tells; what cannot be told is lost. */
    void notify(String method, Map<String, Object> params);

    /** What the two agreed on, for a wire that has to say so with each message. */
    default void agreed(String protocolVersion) {}

    boolean open();

    @Override
    void close();
}
