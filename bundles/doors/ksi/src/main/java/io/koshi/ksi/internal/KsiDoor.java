package io.koshi.ksi.internal;

import io.koshi.api.Health;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Registry;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Opens the older daemon's HTTP port where {@code doors.ksi} names it, and follows changes of it. Thread-safe. */
@Component(
        name = "io.koshi.ksi",
        service = Health.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class KsiDoor implements Health {
    private final Gate gate;
    private final AutoCloseable watch;

    @Activate
    public KsiDoor(
            @Reference Registry registry,
            @Reference Events events,
            @Reference Codec codec,
            @Reference Pools pools,
            @Reference Settings config) {
        Gate gate = new Gate(registry, events, codec, config);
        this.gate = gate;
        this.watch = config.onChange((before, after) -> gate.apply(() -> KsiSettings.of(config.config(), codec)));
        if (config.config().doors().containsKey(KsiSettings.NAME)) {
            pools.work().execute(() -> gate.apply(() -> KsiSettings.of(config.config(), codec)));
        }
    }

    @Deactivate
    public void close() throws Exception {
        watch.close();
        gate.shut();
    }

    @Override
    public Report health() {
        return gate.health();
    }
}
