package io.koshi.socket;

import io.koshi.rpc.Caller;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.osgi.annotation.versioning.ProviderType;

/** WebSocket ports of their own, for doors whose clients expect one: any path, no token, and no browser. */
@ProviderType
public interface Sockets {
    /**
     * Listens until closed.
     *
     * @param at loopback only, since nobody is asked who they are
     * @param ping how often a client is pinged; three pings without a word end it
     * @param caller whom every client is taken for
     * @param socket hears them, as a route would
     * @throws IOException when the port cannot be had
     */
    Port listen(InetSocketAddress at, Duration ping, Caller caller, Socket socket) throws IOException;

    /** A port that is open. */
    interface Port extends AutoCloseable {
        /** The port that was given, where any was asked for. */
        int number();

        /** Closes it and its connections, with 1001 and this reason. */
        void close(String reason);

        @Override
        default void close() {
            close("This port is closed.");
        }
    }
}
