package io.koshi.swarm.internal;

import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.codec.Codec;
import io.koshi.rpc.Registry;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ports of the older swarm hub, open while the configuration names them. Thread-safe. */
final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger(SwarmDoor.class);

    private final Registry registry;
    private final Codec codec;
    private final Pools pools;
    private volatile Optional<SwarmSettings> settings = Optional.empty();
    private volatile Listener listener;
    private volatile Rest rest;
    private volatile String problem;

    Gate(Registry registry, Codec codec, Pools pools) {
        this.registry = registry;
        this.codec = codec;
        this.pools = pools;
    }

    /** @param now what holds when it is asked, so that of two changes at once the newer stays */
    synchronized void apply(Supplier<Optional<SwarmSettings>> now) {
        Optional<SwarmSettings> wanted = now.get();
        if (wanted.equals(settings)) {
            return;
        }
        shut();
        settings = wanted;
        wanted.ifPresent(this::open);
    }

    private void open(SwarmSettings wanted) {
        problem = null;
        if (!wanted.loopback() && wanted.key().isEmpty()) {
            problem = "doors.swarm: " + wanted.host() + " can be reached from outside; give a key";
            LOG.error("{}", problem);
            return;
        }
        Hub hub = new Hub(registry, codec, wanted, this::shutLater);
        try {
            listener = new Listener(wanted, hub, codec, pools);
            if (wanted.rest().isPresent()) {
                rest = new Rest(wanted, hub, codec);
            }
            LOG.info("The older swarm hub's clients are served on {}:{}", wanted.host(), listener.port());
        } catch (IOException e) {
            shut();
            problem = "doors.swarm: " + wanted.host() + ":" + wanted.port() + " cannot be opened: " + e.getMessage();
            LOG.error("{}", problem);
        }
    }

    private void shutLater() {
        try {
            pools.timer()
                    .schedule(() -> pools.work().execute(this::shut), 100, java.util.concurrent.TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            // it is shut with the hub
        }
    }

    synchronized void shut() {
        try {
            if (rest != null) {
                rest.close();
                rest = null;
            }
            if (listener != null) {
                listener.close();
                listener = null;
            }
        } catch (IOException e) {
            LOG.warn("The door did not shut cleanly: {}", e.getMessage());
        }
    }

    synchronized Health.Report health() {
        if (problem != null) {
            return Health.Report.degraded("swarm", "door", problem);
        }
        Map<String, Object> data = new LinkedHashMap<>();
        try {
            if (listener != null) {
                data.put("port", (long) listener.port());
                data.put("clients", (long) listener.clients());
            }
            if (rest != null) {
                data.put("rest", (long) rest.port());
            }
        } catch (IOException e) {
            return Health.Report.degraded("swarm", "door", e.getMessage());
        }
        return Health.Report.healthy("swarm", "door").with(data);
    }

    /** Where the lines are served, for those in the same process. */
    synchronized int port() throws IOException {
        if (listener == null) {
            throw new KoshiException(io.koshi.api.ErrorCode.SERVICE_UNAVAILABLE, "the swarm door is not open");
        }
        return listener.port();
    }

    synchronized int restPort() {
        return rest.port();
    }
}
