package io.koshi.gateway.internal;

import java.nio.ByteBuffer;

/** The transport below a WebSocket: bytes out, and a say in whether more are read. Thread-safe. */
interface Pipe {
    /** Writes all of it, now or when there is room; one write at a time, then {@link Done#written} once. */
    void write(ByteBuffer bytes, Done done);

    /** Reads on, after {@link Peer#wantsMore} was false. */
    void readOn();

    /** Says no more, and still hears. */
    void finish();

    /** Ends at once. */
    void close();

    /** Hears how a write went; called on any thread, maybe before the write returns. */
    interface Done {
        /** @param failure null when it went well */
        void written(Throwable failure);
    }
}
