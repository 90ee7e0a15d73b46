package io.koshi.gateway.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Lets a client read the answer to a body that was refused before it was sent whole. To close on unread bytes resets
 * the connection, and the reset overtakes the answer: so nothing more is said, what still comes is thrown away, and the
 * connection ends when the client ends it, within bounds. Confined to the connection's events.
 */
final class Linger extends AbstractConnection implements Connection.UpgradeTo {
    private static final Duration SILENCE = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final long MOST_BYTES = 32L << 20;
    private static final int CHUNK = 16 << 10;
    /** Who sends less than this in the time of {@link #SILENCE} is not sending a body, but keeping us. */
    private static final long LEAST_BYTES = 64 << 10;

    private static final int FINAL = 200;
    private static final int REFUSED = 400;

    private final long began = System.nanoTime();
    private long thrownAway;
    private long spell = began; // when the last look at how much comes was
    private long until = LEAST_BYTES; // so much must have come by the next

    private Linger(EndPoint client, Executor executor) {
        super(client, executor);
    }

    /** Watches over requests with a body; others cost a look at two headers. */
    static Request customize(Request request, HttpFields.Mutable answer) {
        HttpFields head = request.getHeaders();
        if (head.getLongField(HttpHeader.CONTENT_LENGTH) > 0 || head.contains(HttpHeader.TRANSFER_ENCODING)) {
            request.addHttpStreamWrapper(stream -> new Answered(stream, request));
        }
        return request;
    }

    /** Puts every request of a port under its care. */
    static void install(HttpConfiguration port) {
        port.addCustomizer(Linger::customize);
    }

    @Override
    public void onUpgradeTo(ByteBuffer unread) {
        thrownAway = unread.remaining();
    }

    @Override
    public void onOpen() {
        super.onOpen();
        getEndPoint().setIdleTimeout(SILENCE.toMillis());
        getEndPoint().shutdownOutput();
        fillInterested();
    }

    @Override
    public void onFillable() {
        ByteBuffer chunk = BufferUtil.allocate(CHUNK);
        try {
            while (thrownAway < MOST_BYTES && System.nanoTime() - began < LONGEST.toNanos()) {
                BufferUtil.clear(chunk);
                int filled = getEndPoint().fill(chunk);
                if (filled == 0) {
                    fillInterested();
                    return;
                }
                if (filled < 0) {
                    break;
                }
                thrownAway += filled;
                if (drips()) {
                    break;
                }
            }
        } catch (IOException gone) {
            // the client has closed: it read what it wanted
        }
        close();
    }

    private boolean drips() {
        if (System.nanoTime() - spell < SILENCE.toNanos()) {
            return false;
        }
        boolean drips = thrownAway < until;
        spell = System.nanoTime();
        until = thrownAway + LEAST_BYTES;
        return drips;
    }

    /** The exchange of a request that has a body. */
    private static final class Answered extends HttpStream.Wrapper {
        private final Request request;

        Answered(HttpStream stream, Request request) {
            super(stream);
            this.request = request;
        }

        /**
         * Says that the connection ends with this answer: with a refusal unless all of the body has come already, and
         * where the client asked for it, which Jetty forgets over a 100 Continue.
         */
        @Override
        public void send(
                MetaData.Request asked, MetaData.Response answer, boolean last, ByteBuffer content, Callback callback) {
            if (answer != null
                    && answer.getStatus() >= FINAL
                    && request.getConnectionMetaData().getConnection() instanceof HttpConnection http
                    && (ends(asked) || refusesUnread(answer, http))) {
                http.getGenerator().setPersistent(false);
            }
            super.send(asked, answer, last, content, callback);
        }

        private static boolean ends(MetaData.Request asked) {
            HttpFields head = asked.getHttpFields();
            return head.contains(HttpHeader.EXPECT)
                    && head.contains(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
        }

        private boolean refusesUnread(MetaData.Response answer, HttpConnection http) {
            return answer.getStatus() >= REFUSED && http.getParser().inContentState() && consumeAvailable() != null;
        }

        @Override
        public void succeeded() {
            ConnectionMetaData wire = request.getConnectionMetaData();
            if (wire.getConnection() instanceof HttpConnection http
                    && !http.getGenerator().isPersistent()
                    && http.getParser().inContentState()
                    && request.getAttribute(UPGRADE_CONNECTION_ATTRIBUTE) == null) {
                request.setAttribute(
                        UPGRADE_CONNECTION_ATTRIBUTE,
                        new Linger(http.getEndPoint(), wire.getConnector().getExecutor()));
            }
            super.succeeded();
        }
    }
}
