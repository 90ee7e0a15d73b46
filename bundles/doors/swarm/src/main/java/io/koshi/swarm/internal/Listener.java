package io.koshi.swarm.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts clients of the TCP lines and gives each a thread of its own. Thread-safe. */
final class Listener implements AutoCloseable {
    private static final int MOST = 512;
    private static final Set<String> SCOPES = Set.of("task.admin", "task.code");
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final SwarmSettings settings;
    private final Hub hub;
    private final Codec codec;
    private final Pools pools;
    private final ServerSocketChannel server;
    private final Map<Client, Loop> clients = new ConcurrentHashMap<>();
    private final Loop accepting;

    Listener(SwarmSettings settings, Hub hub, Codec codec, Pools pools) throws IOException {
        this.settings = settings;
        this.hub = hub;
        this.codec = codec;
        this.pools = pools;
        this.server = ServerSocketChannel.open();
        server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        try {
            server.bind(new InetSocketAddress(InetAddress.getByName(settings.host()), settings.port()));
        } catch (IOException e) {
            server.close();
            throw e;
        }
        this.accepting = pools.loop("koshi-swarm", this::accept);
    }

    /** Whom the hub takes a client of this door for. */
    static Caller caller() {
        return new Caller("swarm", SCOPES).through(Ulid.next());
    }

    int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    int clients() {
        return clients.size();
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
        if (clients.size() >= MOST) {
            LOG.warn("Refused a client: there are {} already", clients.size());
            channel.close();
            return;
        }
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        Client client = new Client(channel, caller(), hub, codec, settings.lineSeconds());
        CountDownLatch listed = new CountDownLatch(1);
        Loop loop = pools.loop("koshi-swarm-client", () -> {
            listed.await();
            try {
                client.run();
            } finally {
                clients.remove(client);
            }
        });
        clients.put(client, loop);
        listed.countDown();
    }

    @Override
    public void close() throws IOException {
        server.close();
        clients.forEach((client, loop) -> {
            client.close();
            loop.close();
        });
        accepting.close();
    }
}
