package io.koshi.swarm.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts clients of the TCP lines and reads for all of them on one thread: many requests are then taken in at one
 * wake, and what they write shares its commits. Thread-safe.
 */
final class Listener implements AutoCloseable {
    private static final int MOST = 512;
    private static final long HALF_LINE_MILLIS = 1000;
    private static final Set<String> SCOPES = Set.of("task.admin", "task.code");
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private final SwarmSettings settings;
    private final Hub hub;
    private final Codec codec;
    private final ServerSocketChannel server;
    private final Selector selector;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final Queue<Client> told = new ConcurrentLinkedQueue<>();
    private final Loop loop;

    Listener(SwarmSettings settings, Hub hub, Codec codec, Pools pools) throws IOException {
        this.settings = settings;
        this.hub = hub;
        this.codec = codec;
        this.server = ServerSocketChannel.open();
        this.selector = Selector.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            server.bind(new InetSocketAddress(InetAddress.getByName(settings.host()), settings.port()));
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            server.close();
            selector.close();
            throw e;
        }
        this.loop = pools.loop("koshi-swarm", this::serve);
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

    private void serve() throws IOException {
        try {
            while (server.isOpen() && !Thread.currentThread().isInterrupted()) {
                boolean half = anyHalf();
                selector.select(this::ready, half ? HALF_LINE_MILLIS : 0);
                for (Client client = told.poll(); client != null; client = told.poll()) {
                    tend(client, false);
                }
                if (half) {
                    clients.forEach(this::hurry);
                }
            }
        } catch (ClosedSelectorException closed) {
            LOG.debug("The door is shut");
        }
    }

    private boolean anyHalf() {
        for (Client client : clients) {
            if (client.half()) {
                return true;
            }
        }
        return false;
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Client client) {
            tend(client, key.isValid() && key.isReadable());
        } else {
            accept();
        }
    }

    private void tend(Client client, boolean readable) {
        try {
            if (client.tend(readable)) {
                return;
            }
        } catch (IOException | RuntimeException gone) {
            LOG.debug("A client went away: {}", gone.getMessage());
        }
        farewell(client);
    }

    private void hurry(Client client) {
        if (client.half()) {
            tend(client, false);
        }
    }

    private void farewell(Client client) {
        client.close();
        if (clients.remove(client)) {
            hub.closed(client.caller());
        }
    }

    private void accept() {
        try {
            for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
                welcome(channel);
            }
        } catch (ClosedChannelException closed) {
            LOG.debug("The door is shut");
        } catch (IOException e) {
            throw new UncheckedIOException(e); // too many open files, most likely: the loop pauses
        }
    }

    private void welcome(SocketChannel channel) throws IOException {
        try {
            admit(channel);
        } catch (IOException gone) {
            LOG.debug("A client went away: {}", gone.getMessage());
            channel.close();
        }
    }

    private void admit(SocketChannel channel) throws IOException {
        if (clients.size() >= MOST) {
            LOG.warn("Refused a client: there are {} already", clients.size());
            channel.close();
            return;
        }
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        Client client = new Client(channel, key, caller(), hub, codec, settings.lineSeconds(), this::tell);
        key.attach(client);
        clients.add(client);
    }

    /** Has a client looked at again: it has more to read, or more to write than its channel took. */
    private void tell(Client client) {
        told.add(client);
        selector.wakeup();
    }

    @Override
    public void close() throws IOException {
        server.close();
        loop.close();
        selector.close();
        clients.forEach(this::farewell);
    }
}
