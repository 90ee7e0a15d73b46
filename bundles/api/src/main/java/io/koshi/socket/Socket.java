package io.koshi.socket;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A WebSocket route, offered as a service with {@link SocketPath}. Origin, Host and the caller's token
 * are checked before {@link #open}; a connection's callbacks come one at a time.
 */
@ConsumerType
public interface Socket {
    /** A client connected; keep the connection to send to it. */
    void open(Connection connection);

    default void text(Connection connection, String message) {}

    default void binary(Connection connection, ByteBuffer message) {}

    /** The connection is gone, whoever ended it. */
    default void close(Connection connection, int code, String reason) {}
}
