package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.koshi.api.Pools;
import java.nio.ByteBuffer;
import java.nio.channels.WritePendingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the web server's connections every second and ends those whose request or TLS handshake has begun and does
 * not get done, or that drip the frame of a chunk, where a reader of the body waits and no time-out counts; and, past a
 * number of them, those that ask nothing. What is being answered, streams and WebSockets are
 * none of its business. To the server it is a connector, one that never listens. Thread-safe.
 */
final class HeadWatch extends ServerConnector {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.gateway");
    private static final String LATE = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

    /** Within the size of a chunk, what may follow it, or the trailers: a few bytes that come at once. */
    private static final Set<HttpParser.State> FRAMING =
            EnumSet.of(HttpParser.State.CHUNK_SIZE, HttpParser.State.CHUNK_PARAMS, HttpParser.State.TRAILER);

    private final Pools pools;
    private final Duration limit;
    private final int most;
    private ScheduledFuture<?> rounds; // guarded by the life cycle of a connector
    private Map<EndPoint, Drip> drips = Map.of(); // confined to the rounds

    /** A connection between two chunks, as it was seen. */
    private record Drip(long since, long bytes) {}

    /**
     * @param limit how long the head of a request may take, and a handshake
     * @param most connections that may be open with nothing asked
     */
    HeadWatch(Server server, Pools pools, Duration limit, int most) {
        super(server, 0, 1, new HttpConnectionFactory());
        this.pools = pools;
        this.limit = limit;
        this.most = most;
    }

    @Override
    protected void doStart() {
        long every = Math.min(1000, limit.toMillis() / 2);
        rounds = pools.timer().scheduleWithFixedDelay(this::round, every, every, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void doStop() {
        rounds.cancel(false);
    }

    @Override
    public CompletableFuture<Void> shutdown() {
        return CompletableFuture.completedFuture(null);
    }

    private void round() {
        List<EndPoint> late = new ArrayList<>();
        List<EndPoint> idle = new ArrayList<>();
        Map<EndPoint, Drip> before = drips;
        drips = new HashMap<>();
        for (Connector each : getServer().getConnectors()) {
            each.getConnectedEndPoints().forEach(client -> look(client, late, idle));
        }
        drips.replaceAll((client, now) -> {
            Drip then = before.get(client); // one that sends nothing at all is the time-out's, or nobody reads it now
            return then == null || then.bytes() == now.bytes() ? now : new Drip(then.since(), now.bytes());
        });
        drips.forEach((client, drip) -> {
            if (System.nanoTime() - drip.since() > limit.toNanos()) {
                late.add(client);
            }
        });
        if (late.isEmpty() && idle.size() <= most) {
            return;
        }
        idle.sort(Comparator.comparingLong(EndPoint::getCreatedTimeStamp));
        pools.work().execute(() -> {
            late.forEach(HeadWatch::end);
            idle.stream().limit(Math.max(0, idle.size() - most)).forEach(EndPoint::close);
        });
    }

    private void look(EndPoint client, List<EndPoint> late, List<EndPoint> idle) {
        Connection connection = client.getConnection();
        EndPoint plain = client;
        if (connection instanceof SslConnection tls) {
            plain = tls.getSslEndPoint();
            connection = plain.getConnection();
            if (tls.getSSLEngine().getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                if (System.currentTimeMillis() - client.getCreatedTimeStamp() > limit.toMillis()) {
                    late.add(client);
                }
                return;
            }
        }
        if (!(connection instanceof HttpConnection http)) {
            return;
        }
        HttpParser parser = http.getParser();
        if (parser.isStart()) {
            boolean onlyBlanks = http.getMessagesIn() == 0
                    && http.getBytesIn() > 0
                    && System.currentTimeMillis() - client.getCreatedTimeStamp() > limit.toMillis();
            (onlyBlanks ? late : idle).add(plain);
        } else if (parser.inHeaderState() && System.nanoTime() - parser.getBeginNanoTime() > limit.toNanos()) {
            late.add(plain);
        } else if (FRAMING.contains(parser.getState())) {
            drips.put(plain, new Drip(System.nanoTime(), http.getBytesIn()));
        }
    }

    private static void end(EndPoint client) {
        LOG.debug("Ended a connection whose request did not get done");
        try {
            client.write(Callback.from(client::close), ByteBuffer.wrap(LATE.getBytes(US_ASCII)));
        } catch (WritePendingException answeredMeanwhile) {
            client.close();
        }
    }
}
