package io.koshi.ipc.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.auth.Auth;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts clients, asks the system who they are, and gives each a thread of its own. Thread-safe. */
final class SocketServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SocketServer.class);

    private final Path file;
    private final Limits limits;
    private final Reception reception;
    private final Auth auth;
    private final Pools pools;
    private final ServerSocketChannel server;
    private final Map<Connection, Loop> connections = new ConcurrentHashMap<>();

    /** Makes a connection of a client that may come in. */
    interface Reception {
        Connection welcome(SocketChannel channel, Caller caller) throws IOException;
    }

    SocketServer(Path file, Limits limits, Reception reception, Auth auth, Pools pools) throws IOException {
        this.file = file;
        this.limits = limits;
        this.reception = reception;
        this.auth = auth;
        this.pools = pools;
        this.server = SocketFile.bind(file);
    }

    /** Accepts until closed. */
    void accept() throws IOException {
        while (server.isOpen() && !Thread.currentThread().isInterrupted()) {
            try {
                welcome(server.accept());
            } catch (ClosedChannelException closed) {
                return;
            }
        }
    }

    boolean open() {
        return server.isOpen();
    }

    int connections() {
        return connections.size();
    }

    Path file() {
        return file;
    }

    /** Whether no connection has anything under way. */
    boolean idle() {
        return connections.keySet().stream().allMatch(Connection::idle);
    }

    /** Waits until no connection has anything under way, or the time is over. */
    void drain(Duration limit) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        var check = pools.timer()
                .scheduleWithFixedDelay(
                        () -> {
                            if (idle()) {
                                done.countDown();
                            }
                        },
                        0,
                        5,
                        TimeUnit.MILLISECONDS);
        try {
            done.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            check.cancel(false);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(file);
        connections.forEach((connection, loop) -> {
            connection.close();
            loop.close();
        });
    }

    private void welcome(SocketChannel channel) throws IOException {
        try {
            Caller caller = auth.peer(
                    channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName());
            if (connections.size() >= limits.connections()) {
                LOG.warn("Refused a client of the socket: there are {} already", connections.size());
                channel.close();
                return;
            }
            Connection connection = reception.welcome(channel, caller);
            CountDownLatch listed = new CountDownLatch(1);
            Loop loop = pools.loop("koshi-ipc-client", () -> {
                listed.await();
                try {
                    connection.run();
                } finally {
                    connections.remove(connection);
                }
            });
            connections.put(connection, loop);
            listed.countDown();
        } catch (KoshiException | IOException | UnsupportedOperationException refused) {
            LOG.warn("Refused a client of the socket: {}", refused.getMessage());
            channel.close();
        }
    }
}
