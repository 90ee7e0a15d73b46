package io.koshi.ksi.internal;

import io.koshi.api.Health;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Registry;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port of the older daemon, open while the configuration names it. Thread-safe. */
final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.ksi");

    private final Registry registry;
    private final Events events;
    private final Codec codec;
    private final Settings config;
    private volatile Optional<KsiSettings> settings = Optional.empty();
    private volatile Commands commands;
    private volatile KsiServer server;
    private volatile String problem;

    Gate(Registry registry, Events events, Codec codec, Settings config) {
        this.registry = registry;
        this.events = events;
        this.codec = codec;
        this.config = config;
    }

    synchronized Health.Report health() {
        if (problem != null) {
            return Health.Report.degraded("ksi", "door", problem);
        }
        Health.Report report = Health.Report.healthy("ksi", "door");
        return server == null ? report : report.with(Map.of("http", (long) server.port()));
    }

    /** @param now what holds when it is asked, so that of two changes at once the newer stays */
    synchronized void apply(Supplier<Optional<KsiSettings>> now) {
        Optional<KsiSettings> wanted = now.get();
        if (!wanted.equals(settings)) {
            shut();
            settings = wanted;
            wanted.ifPresent(this::open);
        }
    }

    private void open(KsiSettings wanted) {
        problem = null;
        commands = new Commands(registry, events, codec, config, wanted);
        try {
            server = new KsiServer(
                    wanted.http(),
                    commands,
                    events,
                    codec,
                    config.config().gateway().maxFrame().bytes());
            LOG.info("The older daemon's HTTP clients are served on 127.0.0.1:{}", server.port());
        } catch (Exception e) {
            shut();
            problem = "doors.ksi: 127.0.0.1:" + wanted.http() + " cannot be opened: " + e.getMessage();
            LOG.error("{}", problem);
        }
    }

    synchronized void shut() {
        try {
            if (server != null) {
                server.close();
                server = null;
            }
        } catch (Exception e) {
            LOG.warn("The door did not shut cleanly: {}", e.getMessage());
        }
        if (commands != null) {
            commands.close();
            commands = null;
        }
    }
}
