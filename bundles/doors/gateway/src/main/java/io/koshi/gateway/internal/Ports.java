package io.koshi.gateway.internal;

import io.koshi.api.Pools;
import io.koshi.rpc.Caller;
import io.koshi.socket.Socket;
import io.koshi.socket.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Opens WebSocket ports for other doors. Thread-safe. */
@Component(name = "io.koshi.gateway.ports", service = Sockets.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Ports implements Sockets {
    private final Peers peers;
    private final Pools pools;

    @Activate
    public Ports(@Reference Peers peers, @Reference Pools pools) {
        this.peers = peers;
        this.pools = pools;
    }

    @Override
    public Port listen(InetSocketAddress at, Duration ping, Caller caller, Socket socket) throws IOException {
        if (!at.getAddress().isLoopbackAddress()) {
            throw new IOException("a port that asks nobody who he is listens on loopback only");
        }
        return new PortServer(at, ping, caller, socket, peers, pools);
    }
}
