package io.koshi.swarm.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts clients of the TCP lines and gives each a thread of its own. Thread-safe. */
final class Listener implements AutoCloseable {
    private static final int MOST = 512;
    private static final long LONG_LINES = 64L << 20;
    private static final Set<String> SCOPES = Set.of("task.admin", "task.code");
    /** A client whose machine is gone is found out after two minutes; one that waits in silence stays. */
    private static final Map<SocketOption<?>, Object> KEEP_ALIVE = Map.of(
            StandardSocketOptions.SO_KEEPALIVE, true,
            ExtendedSocketOptions.TCP_KEEPIDLE, 60,
            ExtendedSocketOptions.TCP_KEEPINTERVAL, 15,
            ExtendedSocketOptions.TCP_KEEPCOUNT, 4);

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final SwarmSettings settings;
    private final Hub hub;
    private final Codec codec;
    private final Pools pools;
    private final ServerSocketChannel server;
    private final Room room = new Room(LONG_LINES);
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
        if (clients.size() >= MOST && !makeRoom()) {
            LOG.warn("Refused a client: there are {} already", clients.size());
            channel.close();
            return;
        }
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        KEEP_ALIVE.forEach((option, value) -> set(channel, option, value));
        Duration patience = Duration.ofSeconds(settings.lineSeconds());
        Client client = new Client(channel, caller(), hub, codec, new Lines(room, settings.lineSeconds()), patience);
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

    /** Parts with the oldest of those that have said nothing at all; false where there is none. */
    private boolean makeRoom() {
        Optional<Client> oldest =
                clients.keySet().stream().filter(Client::silent).min(Comparator.comparingLong(Client::since));
        oldest.ifPresent(Client::close);
        return oldest.isPresent();
    }

    @SuppressWarnings("unchecked")
    private static void set(SocketChannel channel, SocketOption<?> option, Object value) {
        try {
            channel.setOption((SocketOption<Object>) option, value);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("{} is not to be had here: {}", option, e.getMessage());
        }
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
