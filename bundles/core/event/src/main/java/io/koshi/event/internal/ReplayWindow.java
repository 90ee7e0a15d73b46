package io.koshi.event.internal;

import io.koshi.config.Settings;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Keeps the window as large as {@code gateway.replay} says. Apart from the bus, which so needs no
 * configuration and can tell of its reload. Thread-safe.
 */
@Component(
        name = "io.koshi.event.window",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ReplayWindow {
    private final AutoCloseable changes;

    @Activate
    public ReplayWindow(@Reference Settings settings, @Reference EventBus bus) {
        changes = settings.onChange((before, now) -> bus.resize(now.gateway().replay()));
        bus.resize(settings.config().gateway().replay());
    }

    @Deactivate
    void close() throws Exception {
        changes.close();
    }
}
