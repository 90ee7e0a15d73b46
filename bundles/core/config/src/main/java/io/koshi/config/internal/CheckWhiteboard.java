package io.koshi.config.internal;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.koshi.config.ConfigCheck;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;

/** Gathers the rooms' checks into {@link CheckTable}. Thread-safe. */
@Component(
        name = "io.koshi.config.whiteboard",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class CheckWhiteboard {
    private final CheckTable table;

    @Activate
    public CheckWhiteboard(@Reference CheckTable table) {
        this.table = table;
    }

    @Reference(name = "check", cardinality = MULTIPLE, policy = DYNAMIC)
    void add(ConfigCheck check) {
        table.add(check);
    }

    void remove(ConfigCheck check) {
        table.remove(check);
    }
}
