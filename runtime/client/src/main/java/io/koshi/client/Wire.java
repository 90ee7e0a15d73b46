package io.koshi.client;

import java.io.Closeable;
import java.io.IOException;

/** A connection to the hub that carries whole CBOR frames. One thread reads; any may write or close. */
public interface Wire extends Closeable {
    /** A longer frame is none of a hub's. */
    int LONGEST = 256 << 20;

    /** Sends a frame; may wait until the hub has room for it. */
    void send(byte[] frame) throws IOException;

    /**
     * The next frame, waiting for it.
     *
     * @throws java.io.EOFException when the hub has ended the connection
     */
    byte[] read() throws IOException;

    /** Ends it; a read under way fails. */
    @Override
    void close() throws IOException;
}
