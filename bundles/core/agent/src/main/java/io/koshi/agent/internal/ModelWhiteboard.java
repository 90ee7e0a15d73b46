package io.koshi.agent.internal;

import io.koshi.model.Model;
import io.koshi.model.ModelName;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gathers models into the {@link ModelTable}. Thread-safe. */
@Component(
        name = "io.koshi.agent.models.whiteboard",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ModelWhiteboard {
    private static final Logger LOG = LoggerFactory.getLogger(ModelWhiteboard.class);

    private final ModelTable table;

    @Activate
    public ModelWhiteboard(@Reference ModelTable table) {
        this.table = table;
    }

    @Reference(
            service = Model.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "remove")
    void add(Model model, Map<String, Object> properties) {
        if (properties.get(ModelName.PROPERTY) instanceof String name) {
            table.put(name, model);
        } else {
            LOG.warn(
                    "a model without {} is left out: {}",
                    ModelName.PROPERTY,
                    model.getClass().getName());
        }
    }

    void remove(Model model, Map<String, Object> properties) {
        if (properties.get(ModelName.PROPERTY) instanceof String name) {
            table.remove(name, model);
        }
    }
}
