package io.koshi.tui.internal;

import io.koshi.api.Health;
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
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The older terminal's port, open while the configuration names it. Thread-safe. */
final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger(TuiDoor.class);

    /** Who sits at the terminal may talk, and be shown how the talk stands. */
    private static final Set<String> SCOPES = Set.of("channel.write", "agent.read", "hub.read");

    private final Registry registry;
    private final Events events;
    private final Codec codec;
    private final Settings config;
    private final Sockets sockets;

    // guarded by this
    private Optional<TuiSettings> settings = Optional.empty();
    private Sockets.Port port;
    private Terminals terminals;
    private String problem;

    Gate(Registry registry, Events events, Codec codec, Settings config, Sockets sockets) {
        this.registry = registry;
        this.events = events;
        this.codec = codec;
        this.config = config;
        this.sockets = sockets;
    }

    /** @param now what holds when it is asked, so that of two changes at once the newer stays */
    synchronized void apply(Supplier<Optional<TuiSettings>> now) {
        Optional<TuiSettings> wanted = now.get();
        if (!wanted.equals(settings)) {
            shut();
            settings = wanted;
            wanted.ifPresent(this::open);
        }
    }

    private void open(TuiSettings wanted) {
        problem = null;
        Caller caller = new Caller(TuiSettings.NAME, SCOPES);
        terminals = new Terminals(registry, events, codec, config, caller);
        try {
            InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted.port());
            port = sockets.listen(at, Duration.ofMillis(wanted.pingMs()), caller, terminals);
            LOG.info("The older terminal is served on ws://127.0.0.1:{}/ws/tui", port.number());
        } catch (IOException e) {
            shut();
            problem = "doors.tui: port " + wanted.port() + " cannot be opened: " + e.getMessage();
            LOG.error("{}", problem);
        }
    }

    synchronized void shut() {
        problem = null;
        if (port != null) {
            port.close("The hub is stopping");
            port = null;
        }
        if (terminals != null) {
            terminals.close();
            terminals = null;
        }
    }

    synchronized Health.Report health() {
        if (problem != null) {
            return Health.Report.degraded("tui", "door", problem);
        }
        Health.Report report = Health.Report.healthy("tui", "door");
        return port == null
                ? report
                : report.with(Map.of("port", (long) port.number(), "clients", (long) terminals.count()));
    }
}
