package io.koshi.vargos.internal;

import io.koshi.api.Health;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
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
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the older gateway's port where {@code doors.vargos} names it, and follows changes of it. Thread-safe. */
@Component(name = "io.koshi.vargos", service = Health.class, immediate = true)
public final class VargosDoor implements Health {
    private static final Logger LOG = LoggerFactory.getLogger(VargosDoor.class);

    /** What the older clients could do, and nothing of the hub's own affairs. */
    private static final Set<String> SCOPES = Set.of(
            "agent.write", "session.write", "channel.write", "tool.write", "cron.write", "event.write", "memory.read");

    private final Registry registry;
    private final Events events;
    private final Codec codec;
    private final Pools pools;
    private final Sockets sockets;
    private final AutoCloseable watch;
    private volatile Optional<VargosSettings> settings = Optional.empty();
    private volatile Sockets.Port port;
    private volatile OldHub hub;
    private volatile String problem;

    @Activate
    public VargosDoor(
            @Reference Registry registry,
            @Reference Events events,
            @Reference Codec codec,
            @Reference Pools pools,
            @Reference Sockets sockets,
            @Reference Settings config) {
        this.registry = registry;
        this.events = events;
        this.codec = codec;
        this.pools = pools;
        this.sockets = sockets;
        this.watch = config.onChange((before, after) -> apply(VargosSettings.of(after, codec)));
        if (config.config().doors().containsKey(VargosSettings.NAME)) {
            pools.work().execute(() -> apply(VargosSettings.of(config.config(), codec)));
        }
    }

    @Deactivate
    public void close() throws Exception {
        watch.close();
        shut();
    }

    private synchronized void apply(Optional<VargosSettings> wanted) {
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

    private synchronized void shut() {
        if (port != null) {
            port.close("Gateway shutting down");
            port = null;
        }
        if (hub != null) {
            hub.close();
            hub = null;
        }
    }

    @Override
    public synchronized Report health() {
        if (problem != null) {
            return Report.degraded("vargos", "door", problem);
        }
        return port == null
                ? Report.healthy("vargos", "door")
                : Report.healthy("vargos", "door")
                        .with(Map.of("port", (long) port.number(), "clients", (long) hub.clients()));
    }
}
