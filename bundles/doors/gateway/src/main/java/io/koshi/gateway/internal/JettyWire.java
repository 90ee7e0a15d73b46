package io.koshi.gateway.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of the web server that has become a WebSocket. Jetty carries the bytes, TLS or not; an idle one keeps no
 * buffer. Thread-safe.
 */
final class JettyWire extends AbstractConnection implements Connection.UpgradeTo, Pipe {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.gateway");
    private static final int AT_ONCE = 16 << 10;

    private final ByteBufferPool buffers;
    private final Peer peer;
    private ByteBuffer early; // came with the handshake; null once it is taken

    /** @param maker makes the peer that this wire feeds */
    JettyWire(EndPoint endPoint, Executor executor, ByteBufferPool buffers, Function<Pipe, Peer> maker) {
        super(endPoint, executor);
        this.buffers = buffers;
        this.peer = maker.apply(this);
    }

    @Override
    public void onUpgradeTo(ByteBuffer given) {
        early = given;
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(0); // the peer is looked after: a ping, not silence, tells whether it lives
        peer.open();
        ByteBuffer first = early;
        early = null;
        if (first != null && first.hasRemaining()) {
            peer.read(first);
        }
        if (peer.wantsMore()) {
            fillInterested();
        }
    }

    @Override
    public void onFillable() {
        RetainableByteBuffer held = buffers.acquire(AT_ONCE, true);
        try {
            ByteBuffer buffer = held.getByteBuffer();
            boolean more = true;
            while (more) {
                BufferUtil.clear(buffer);
                int count = getEndPoint().fill(buffer);
                if (count < 0) {
                    peer.gone();
                    return;
                }
                if (count > 0) {
                    peer.read(buffer);
                }
                if (!peer.wantsMore()) {
                    return; // readOn will be called
                }
                more = count == AT_ONCE;
            }
            fillInterested();
        } catch (IOException | RuntimeException e) {
            LOG.debug("A WebSocket client went away: {}", e.toString());
            peer.gone();
        } finally {
            held.release();
        }
    }

    @Override
    protected void onFillInterestedFailed(Throwable cause) {
        peer.gone();
    }

    @Override
    public boolean onIdleExpired(TimeoutException silent) {
        return false;
    }

    @Override
    public void onClose(Throwable cause) {
        super.onClose(cause);
        peer.gone();
    }

    @Override
    public void write(ByteBuffer bytes, Done done) {
        getEndPoint().write(Callback.from(() -> done.written(null), done::written), bytes);
    }

    @Override
    public void readOn() {
        tryFillInterested(Callback.from(this::onFillable, this::onFillInterestedFailed));
    }

    @Override
    public void finish() {
        getEndPoint().shutdownOutput();
    }
}
