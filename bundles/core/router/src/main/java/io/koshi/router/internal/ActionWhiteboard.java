package io.koshi.router.internal;

import io.koshi.router.Action;
import io.koshi.router.ActionName;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Fills the {@link ActionTable} with the actions that rooms offer. Thread-safe. */
@Component(
        name = "io.koshi.router.whiteboard",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ActionWhiteboard {
    private final ActionTable table;

    @Activate
    public ActionWhiteboard(@Reference ActionTable table) {
        this.table = table;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addAction(Action action, Map<String, Object> properties) {
        table.put(String.valueOf(properties.get(ActionName.PROPERTY)), action);
    }

    void removeAction(Action action, Map<String, Object> properties) {
        table.remove(String.valueOf(properties.get(ActionName.PROPERTY)), action);
    }
}
