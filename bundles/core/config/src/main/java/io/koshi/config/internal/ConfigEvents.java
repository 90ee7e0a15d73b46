package io.koshi.config.internal;

import io.koshi.event.Events;
import io.koshi.rpc.Doc;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Says {@code config.reloaded} after each reload that changed something or was refused. Thread-safe. */
@Component(
        name = "io.koshi.config.events",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ConfigEvents {
    private final AutoCloseable listening;

    /** Payload of {@code config.reloaded}. */
    record Reloaded(
            @Doc("Whether the file was good and holds now.") boolean ok,

            @Doc("Names of the blocks, plugins and models that changed.")
            List<String> changed,

            @Doc("What is wrong with the file, with line and column.")
            Optional<String> error) {}

    @Activate
    public ConfigEvents(@Reference ConfigRoom room, @Reference Events events) {
        this.listening = room.onReload(outcome -> events.publish(
                "config",
                "config.reloaded",
                new Reloaded(outcome.error().isEmpty(), outcome.changed(), outcome.error())));
    }

    @Deactivate
    public void close() throws Exception {
        listening.close();
    }
}
