package io.koshi.swarm.internal;

import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * Ends connections of this port whose request line and headers take longer than 5 s, or whose body is not here after 15,
 * however it is sent. Confined to the server's scheduler.
 */
final class SlowHeads implements Runnable {
    private static final long HEAD_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long BODY_NS = TimeUnit.SECONDS.toNanos(15);

    private final ServerConnector connector;

    SlowHeads(ServerConnector connector) {
        this.connector = connector;
    }

    /** Looks now and every second from now on, until the server stops. */
    @Override
    public void run() {
        connector.getConnectedEndPoints().stream().filter(SlowHeads::late).forEach(EndPoint::close);
        if (connector.isRunning()) {
            connector.getScheduler().schedule(this, 1, TimeUnit.SECONDS);
        }
    }

    private static boolean late(EndPoint client) {
        if (!(client.getConnection() instanceof HttpConnection http)) {
            return false;
        }
        HttpParser parser = http.getParser();
        long taken = System.nanoTime() - parser.getBeginNanoTime();
        return !parser.isStart() && parser.inHeaderState() && taken > HEAD_NS
                || parser.inContentState() && taken > BODY_NS;
    }
}
