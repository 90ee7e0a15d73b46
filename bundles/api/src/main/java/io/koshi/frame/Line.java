package io.koshi.frame;

import org.osgi.annotation.versioning.ConsumerType;

/** What carries frames to one client; a door's side of a connection. Thread-safe. */
@ConsumerType
public interface Line {
    /** Puts a frame behind the others, to go with the next {@link #flush}; never blocks, ignored once closed. */
    void send(Form form, byte[] frame);

    /** Sends what waits as far as the client takes it, and the rest when it does; never blocks. */
    void flush();

    /** Bytes that wait to be sent. */
    long waiting();

    /**
     * Ends the connection after what waits was sent, or soon.
     *
     * @param code of RFC 6455, 7.4, where the transport has such codes
     */
    void close(int code, String reason);
}
