package io.koshi.tool.internal;

import io.koshi.tool.Tool;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Fills the {@link ToolTable} with the tools that plugins offer. Thread-safe. */
@Component(
        name = "io.koshi.tool.whiteboard",
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ToolWhiteboard {
    private final ToolTable table;

    @Activate
    public ToolWhiteboard(@Reference ToolTable table) {
        this.table = table;
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addTool(Tool tool, Map<String, Object> properties) {
        table.add(tool, String.valueOf(properties.getOrDefault("koshi.plugin.name", properties.get("component.name"))));
    }

    void removeTool(Tool tool) {
        table.remove(tool);
    }
}
