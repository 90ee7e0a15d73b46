package io.koshi.tool.internal;

import io.koshi.tool.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tools that are here now. A name is used by the tool that came first; another with the same name waits
 * until that one goes. Thread-safe.
 */
@Component(name = "io.koshi.tool.table", service = ToolTable.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ToolTable {
    private static final Logger log = LoggerFactory.getLogger(ToolTable.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,64}");

    private final Map<String, List<Tool>> tools = new TreeMap<>();

    @Activate
    public ToolTable() {}

    synchronized Optional<Tool> find(String name) {
        return Optional.ofNullable(tools.get(name)).map(same -> same.get(0));
    }

    synchronized List<Tool> list() {
        return tools.values().stream().map(same -> same.get(0)).toList();
    }

    /** @param owner the plugin it comes from, for the log */
    synchronized void add(Tool tool, String owner) {
        String name;
        try {
            name = tool.spec().name();
        } catch (RuntimeException | LinkageError e) {
            log.warn("A tool of {} is not used, as it cannot describe itself: {}", owner, e.toString());
            return;
        }
        if (name == null || !NAME.matcher(name).matches()) {
            log.warn("A tool of {} is not used: '{}' is no name, write 1 to 64 of a-z 0-9 _", owner, name);
            return;
        }
        List<Tool> same = tools.computeIfAbsent(name, n -> new ArrayList<>(1));
        if (!same.isEmpty()) {
            log.warn("Tool {} of {} is not used, as there is one of that name; rename one of them", name, owner);
        }
        same.add(tool);
    }

    synchronized void remove(Tool tool) {
        tools.values().forEach(same -> same.removeIf(t -> t == tool));
        tools.values().removeIf(List::isEmpty);
    }
}
