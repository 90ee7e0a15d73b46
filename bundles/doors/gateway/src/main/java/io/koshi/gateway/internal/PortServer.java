package io.koshi.gateway.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.rpc.Caller;
import io.koshi.socket.Socket;
import io.koshi.socket.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A WebSocket port of its own; each client has a thread, so that none can hold up another. Thread-safe. */
final class PortServer implements Sockets.Port {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.gateway");
    private static final int MOST = 256;

    private final ServerSocketChannel server;
    private final Caller caller;
    private final Socket socket;
    private final Peers peers;
    private final Pools pools;
    private final long pingMs;
    private final Set<SocketHearer> connections = ConcurrentHashMap.newKeySet();
    private final Map<PortWire, Loop> wires = new ConcurrentHashMap<>();
    private final Loop accepting;

    PortServer(InetSocketAddress at, Duration ping, Caller caller, Socket socket, Peers peers, Pools pools)
            throws IOException {
        this.caller = caller;
        this.socket = socket;
        this.peers = peers;
        this.pools = pools;
        this.pingMs = ping.toMillis();
        this.server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(at);
        } catch (IOException e) {
            server.close();
            throw e;
        }
        this.accepting = pools.loop("koshi-gateway-port", this::accept);
    }

    private void accept() throws IOException {
        while (server.isOpen() && !Thread.currentThread().isInterrupted()) {
            try {
                welcome(server.accept());
            } catch (ClosedChannelException closed) {
                return;
            }
        }
    }

    private void welcome(SocketChannel channel) throws IOException {
        if (wires.size() >= MOST) {
            LOG.warn("Refused a client of port {}: there are {} already", number(), MOST);
            channel.close();
            return;
        }
        SocketHearer hearer =
                new SocketHearer(socket, caller, connections, peers.frames().maxFrame());
        PortWire wire = new PortWire(channel, pipe -> peers.join(pipe, hearer, pingMs));
        CountDownLatch listed = new CountDownLatch(1);
        Loop loop = pools.loop("koshi-gateway-client", () -> {
            listed.await();
            try {
                wire.run();
            } finally {
                wires.remove(wire);
            }
        });
        wires.put(wire, loop);
        listed.countDown();
    }

    @Override
    public int number() {
        return server.socket().getLocalPort();
    }

    @Override
    public void close(String reason) {
        try {
            server.close();
        } catch (IOException e) {
            LOG.debug("Closing a port", e);
        }
        accepting.close();
        connections.forEach(each -> each.close(Peer.GONE_AWAY, reason));
        wires.forEach((wire, loop) -> {
            wire.drain();
            loop.close();
        });
    }
}
