package io.koshi.swarm.internal;

import io.koshi.api.Health;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.rpc.Registry;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Opens the older swarm hub's ports where {@code doors.swarm} names it, and follows changes of it. Thread-safe. */
@Component(
        name = "io.koshi.swarm",
        service = Health.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class SwarmDoor implements Health {
    private final Gate gate;
    private final AutoCloseable watch;

    @Activate
    public SwarmDoor(
            @Reference Registry registry, @Reference Codec codec, @Reference Pools pools, @Reference Settings config) {
        Gate gate = new Gate(registry, codec, pools);
        this.gate = gate;
        this.watch = config.onChange((before, after) -> gate.apply(() -> SwarmSettings.of(config.config(), codec)));
        if (config.config().doors().containsKey(SwarmSettings.NAME)) {
            pools.work().execute(() -> gate.apply(() -> SwarmSettings.of(config.config(), codec)));
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
