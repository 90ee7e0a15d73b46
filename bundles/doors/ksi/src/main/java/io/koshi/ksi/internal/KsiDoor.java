package io.koshi.ksi.internal;

import io.koshi.api.Health;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Registry;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the older daemon's HTTP port where {@code doors.ksi} names it, and follows changes of it. Thread-safe. */
@Component(name = "io.koshi.ksi", service = Health.class, immediate = true)
public final class KsiDoor implements Health {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.ksi");

    private final Registry registry;
    private final Events events;
    private final Codec codec;
    private final Settings config;
    private final AutoCloseable watch;
    private volatile Optional<KsiSettings> settings = Optional.empty();
    private volatile Commands commands;
    private volatile KsiServer server;
    private volatile String problem;

    @Activate
    public KsiDoor(
            @Reference Registry registry,
            @Reference Events events,
            @Reference Codec codec,
            @Reference Pools pools,
            @Reference Settings config) {
        this.registry = registry;
        this.events = events;
        this.codec = codec;
        this.config = config;
        this.watch = config.onChange((before, after) -> apply(KsiSettings.of(after, codec)));
        if (config.config().doors().containsKey(KsiSettings.NAME)) {
            pools.work().execute(() -> apply(KsiSettings.of(config.config(), codec)));
        }
    }

    @Deactivate
    public void close() throws Exception {
        watch.close();
        shut();
    }

    @Override
    public synchronized Report health() {
        if (problem != null) {
            return Report.degraded("ksi", "door", problem);
        }
        Report report = Report.healthy("ksi", "door");
        return server == null ? report : report.with(Map.of("http", (long) server.port()));
    }

    private synchronized void apply(Optional<KsiSettings> wanted) {
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

    private synchronized void shut() {
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
