package io.koshi.vargos.internal;

import io.koshi.api.Health;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.rpc.Registry;
import io.koshi.socket.Sockets;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Opens the older gateway's port where {@code doors.vargos} names it, and follows changes of it. Thread-safe. */
@Component(
        name = "io.koshi.vargos",
        service = Health.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class VargosDoor implements Health {
    private final Gate gate;
    private final AutoCloseable watch;

    @Activate
    public VargosDoor(
            @Reference Registry registry,
            @Reference Events events,
            @Reference Codec codec,
            @Reference Pools pools,
            @Reference Sockets sockets,
            @Reference Settings config) {
        Gate gate = new Gate(registry, events, codec, pools, sockets);
        this.gate = gate;
        this.watch = config.onChange((before, after) -> gate.apply(() -> VargosSettings.of(config.config(), codec)));
        if (config.config().doors().containsKey(VargosSettings.NAME)) {
            pools.work().execute(() -> gate.apply(() -> VargosSettings.of(config.config(), codec)));
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
