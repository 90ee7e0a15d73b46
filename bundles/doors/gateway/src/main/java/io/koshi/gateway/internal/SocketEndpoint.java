package io.koshi.gateway.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.rpc.Caller;
import io.koshi.socket.Connection;
import io.koshi.socket.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of a WebSocket route. What is sent waits in a queue of limited size; a client that does not keep up is
 * closed, so that it can come again and see that it lost something. Thread-safe.
 */
public final class SocketEndpoint extends Session.Listener.AbstractAutoDemanding implements Connection {
    private static final Logger LOG = LoggerFactory.getLogger(SocketEndpoint.class);
    private static final int MOST_QUEUED = 4096;
    private static final int BROKEN = 1011;
    private static final int TOO_SLOW = 1013;

    private final String id = Ulid.next();
    private final Socket socket;
    private final Caller caller;
    private final Set<SocketEndpoint> connections;
    private final long mostBytes;
    private final Object calling = new Object();
    private final ArrayDeque<Outgoing> queue = new ArrayDeque<>(); // guarded by itself
    private long queuedBytes;
    private boolean sending;
    private volatile Session session;

    /**
     * @param connections where it is listed while it is open
     * @param maxFrame the largest message; twice as much may wait to be sent
     */
    SocketEndpoint(Socket socket, Caller caller, Set<SocketEndpoint> connections, long maxFrame) {
        this.socket = socket;
        this.caller = caller;
        this.connections = connections;
        this.mostBytes = 2 * maxFrame;
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
        return send(message.length(), (to, done) -> to.sendText(message, done));
    }

    @Override
    public CompletableFuture<Void> binary(ByteBuffer message) {
        return send(message.remaining(), (to, done) -> to.sendBinary(message, done));
    }

    @Override
    public void close(int code, String reason) {
        Session open = session;
        if (open != null) {
            open.close(code, reason, Callback.NOOP);
        }
    }

    void ping() {
        Session open = session;
        if (open != null) {
            open.sendPing(ByteBuffer.wrap("koshi".getBytes(StandardCharsets.US_ASCII)), Callback.NOOP);
        }
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        session = opened;
        connections.add(this);
        guarded(() -> socket.open(this));
        super.onWebSocketOpen(opened);
    }

    @Override
    public void onWebSocketText(String message) {
        guarded(() -> socket.text(this, message));
    }

    @Override
    public void onWebSocketBinary(ByteBuffer message, Callback done) {
        ByteBuffer copy = ByteBuffer.allocate(message.remaining()).put(message).flip();
        guarded(() -> socket.binary(this, copy));
        done.succeed();
    }

    @Override
    public void onWebSocketClose(int code, String reason) {
        connections.remove(this);
        failQueue(new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "the client is gone"));
        guarded(() -> socket.close(this, code, reason == null ? "" : reason));
    }

    @Override
    public void onWebSocketError(Throwable failure) {
        LOG.debug("A WebSocket client failed: {}", failure.toString());
    }

    /** Calls the plugin, one call at a time; what it throws ends the connection and nothing else. */
    private void guarded(Runnable call) {
        synchronized (calling) {
            try {
                call.run();
            } catch (RuntimeException | LinkageError e) {
                LOG.error("A WebSocket route failed", e);
                close(BROKEN, "The route failed; see the hub's log.");
            }
        }
    }

    private CompletableFuture<Void> send(int bytes, Act act) {
        Outgoing outgoing = new Outgoing(bytes, act, new CompletableFuture<>());
        synchronized (queue) {
            if (queue.size() >= MOST_QUEUED || queuedBytes + bytes > mostBytes) {
                close(TOO_SLOW, "You do not read fast enough.");
                outgoing.sent()
                        .completeExceptionally(KoshiException.overloaded(
                                "the client does not read fast enough", Duration.ofSeconds(1)));
                return outgoing.sent();
            }
            queue.add(outgoing);
            queuedBytes += bytes;
            if (sending) {
                return outgoing.sent();
            }
            sending = true;
        }
        sendNext();
        return outgoing.sent();
    }

    private void sendNext() {
        Outgoing next;
        synchronized (queue) {
            next = queue.poll();
            if (next == null) {
                sending = false;
                return;
            }
            queuedBytes -= next.bytes();
        }
        next.act()
                .on(
                        session,
                        Callback.from(
                                () -> {
                                    next.sent().complete(null);
                                    sendNext();
                                },
                                failure -> {
                                    next.sent().completeExceptionally(failure);
                                    failQueue(failure);
                                }));
    }

    private void failQueue(Throwable why) {
        ArrayDeque<Outgoing> left;
        synchronized (queue) {
            left = new ArrayDeque<>(queue);
            queue.clear();
            queuedBytes = 0;
            sending = false;
        }
        left.forEach(each -> each.sent().completeExceptionally(why));
    }

    /** How something is sent. */
    private interface Act {
        void on(Session session, Callback done);
    }

    private record Outgoing(int bytes, Act act, CompletableFuture<Void> sent) {}
}
