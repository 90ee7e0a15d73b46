package io.koshi.vargos.internal;

import io.koshi.api.Health;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.event.Events;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import io.koshi.socket.Sockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port of the older gateway, open while the configuration names it. Thread-safe. */
final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger(VargosDoor.class);

    /** What the older clients could do, and nothing of the hub's own affairs. */
    private static final Set<String> SCOPES = Set.of(
            "agent.write", "session.write", "channel.write", "tool.write", "cron.write", "event.write", "memory.read");

    private final Registry registry;
    private final Events events;
    private final Codec codec;
    private final Pools pools;
    private final Sockets sockets;
    private volatile Optional<VargosSettings> settings = Optional.empty();
    private volatile Sockets.Port port;
    private volatile OldHub hub;
    private volatile String problem;

    Gate(Registry registry, Events events, Codec codec, Pools pools, Sockets sockets) {
        this.registry = registry;
        this.events = events;
        this.codec = codec;
        this.pools = pools;
        this.sockets = sockets;
    }

    /** @param now what holds when it is asked, so that of two changes at once the newer stays */
    synchronized void apply(Supplier<Optional<VargosSettings>> now) {
        Optional<VargosSettings> wanted = now.get();
        if (wanted.equals(settings)) {
            return;
        }
        shut();
        settings = wanted;
        wanted.ifPresent(this::open);
    }

    private void open(VargosSettings wanted) {
        problem = null;
        Caller caller = new Caller("vargos", SCOPES);
        hub = new OldHub(registry, events, codec, pools, caller, Duration.ofMillis(wanted.requestTimeoutMs()));
        InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted.port());
        try {
            port = sockets.listen(at, Duration.ofMillis(wanted.pingMs()), caller, hub);
            LOG.info("The older gateway's clients are served on ws://127.0.0.1:{}", port.number());
        } catch (IOException e) {
            shut();
            problem = "doors.vargos: port " + wanted.port() + " cannot be opened: " + e.getMessage();
            LOG.error("{}", problem);
        }
    }

    synchronized void shut() {
        if (port != null) {
            port.close("Gateway shutting down");
            port = null;
        }
        if (hub != null) {
            hub.close();
            hub = null;
        }
    }

    synchronized Health.Report health() {
        if (problem != null) {
            return Health.Report.degraded("vargos", "door", problem);
        }
        return port == null
                ? Health.Report.healthy("vargos", "door")
                : Health.Report.healthy("vargos", "door")
                        .with(Map.of("port", (long) port.number(), "clients", (long) hub.clients()));
    }
}
