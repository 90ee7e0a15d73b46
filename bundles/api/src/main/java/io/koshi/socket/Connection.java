package io.koshi.socket;

import io.koshi.rpc.Caller;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.osgi.annotation.versioning.ProviderType;

/** One client of a WebSocket route. Thread-safe; sends keep their order. */
@ProviderType
public interface Connection {
    /** Unique among the hub's connections. */
    String id();

    /** Whom the client proved to be. */
    Caller caller();

    /** Completes when the bytes were handed to the network. */
    CompletableFuture<Void> text(String message);

    CompletableFuture<Void> binary(ByteBuffer message);

    /** Codes of RFC 6455. */
    void close(int code, String reason);
}
