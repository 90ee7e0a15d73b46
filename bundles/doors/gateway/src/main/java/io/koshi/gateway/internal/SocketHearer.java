package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.rpc.Caller;
import io.koshi.socket.Connection;
import io.koshi.socket.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of a {@link Socket} route. A client that does not keep up is closed, so that it can come again and see
 * that it lost something; what the route throws ends that connection and nothing else. As {@link Hearer} says.
 */
final class SocketHearer implements Hearer, Connection {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.gateway");
    private static final int TOO_SLOW = 1013;

    private final String id = Ulid.next();
    private final Socket socket;
    private final Caller caller;
    private final Set<SocketHearer> connections;
    private final long mostWaiting;
    private final Object calling = new Object();
    private volatile Peer peer;

    /**
     * @param connections where it is listed while it is open
     * @param maxFrame the longest message; twice as much may wait to be sent
     */
    SocketHearer(Socket socket, Caller caller, Set<SocketHearer> connections, long maxFrame) {
        this.socket = socket;
        this.caller = caller.through(id);
        this.connections = connections;
        this.mostWaiting = 2 * maxFrame;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public CompletableFuture<Void> text(String message) {
        return send(true, message.getBytes(UTF_8));
    }

    @Override
    public CompletableFuture<Void> binary(ByteBuffer message) {
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return send(false, bytes);
    }

    @Override
    public void close(int code, String reason) {
        Peer open = peer;
        if (open != null) {
            open.close(code, reason);
        }
    }

    @Override
    public void opened(Peer opened) {
        peer = opened;
        connections.add(this);
        guarded(() -> socket.open(this));
    }

    @Override
    public void message(Peer from, boolean text, byte[] payload) {
        if (!text) {
            guarded(() -> socket.binary(this, ByteBuffer.wrap(payload)));
            return;
        }
        String message = new String(payload, UTF_8);
        guarded(() -> socket.text(this, message));
    }

    @Override
    public void closed(int code, String reason) {
        connections.remove(this);
        guarded(() -> socket.close(this, code, reason));
    }

    private CompletableFuture<Void> send(boolean text, byte[] message) {
        Peer open = peer;
        if (open.waiting() + message.length > mostWaiting) {
            close(TOO_SLOW, "You do not read fast enough.");
            return CompletableFuture.failedFuture(
                    KoshiException.overloaded("the client does not read fast enough", Duration.ofSeconds(1)));
        }
        open.send(text, message);
        CompletableFuture<Void> sent = open.sent();
        open.flush();
        return sent;
    }

    /** Calls the route, one call at a time. */
    private void guarded(Runnable call) {
        synchronized (calling) {
            try {
                call.run();
            } catch (RuntimeException | LinkageError e) {
                LOG.error("A WebSocket route failed", e);
                close(Peer.BROKEN, "The route failed; see the hub's log.");
            }
        }
    }
}
