package io.koshi.hub.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.config.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** What signals do: TERM and INT stop the hub, HUP reloads it, USR1 writes its status to the log. Thread-safe. */
@Component(
        name = "io.koshi.hub.signals",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.hub");

    private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
    private final Settings settings;
    private final Pools pools;

    @Activate
    public Signals(
            @Reference Life life, @Reference StatusBook status, @Reference Settings settings, @Reference Pools pools) {
        this.settings = settings;
        this.pools = pools;
        handle("TERM", () -> life.stop("signal TERM"));
        handle("INT", () -> life.stop("signal INT"));
        handle("HUP", this::reload);
        handle("USR1", status::dump);
    }

    /** Gives the signals back to whoever had them, so that nothing of this bundle stays behind. */
    @Deactivate
    public void close() {
        before.forEach(Signal::handle);
    }

    private void handle(String name, Runnable action) {
        try {
            Signal signal = new Signal(name);
            before.put(signal, Signal.handle(signal, got -> pools.work().execute(action)));
        } catch (IllegalArgumentException taken) {
            LOG.debug("Signal {} is not ours to handle: {}", name, taken.getMessage());
        }
    }

    private void reload() {
        try {
            List<String> changed = settings.reload();
            LOG.info("Reloaded by signal HUP; changed: {}", changed.isEmpty() ? "nothing" : changed);
        } catch (KoshiException e) {
            LOG.error("The configuration was not reloaded, the running one goes on: {}", e.getMessage());
        }
    }
}
