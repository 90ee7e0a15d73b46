package io.koshi.plugin.internal;

import io.koshi.config.Config;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One configuration of a plugin: an entry of {@code plugins}, of {@code models}, or of {@code mcp.servers}.
 *
 * @param key unique in the hub: {@code plugins.telegram~work}, {@code models.main}
 * @param plugin the plugin's name, {@code telegram}
 * @param id the instance's part of the PID, {@code work}; {@code default} for a plain name
 * @param entry the entry's name, {@code telegram~work} or {@code main}
 * @param path JSON Pointer of the entry, "" where the hub itself wants it
 * @param settings what the entry says, without the names
 */
record Instance(String key, String plugin, String id, String entry, String path, Map<String, Object> settings) {
    /** What is always there, without being asked for: a person's own channel, and something that answers. */
    private static final List<String> BUILT_IN = List.of("console", "offline");

    /** All that a configuration asks for, by key. */
    static Map<String, Instance> of(Config config) {
        Map<String, Instance> all = new LinkedHashMap<>();
        for (int i = 0; i < config.plugins().size(); i++) {
            Instance instance = ofEntry(config.plugins().get(i), "/plugins/" + i, config.tools());
            all.put(instance.key(), instance);
        }
        config.models().forEach((name, entry) -> {
            Map<String, Object> settings = new LinkedHashMap<>(entry);
            String plugin = String.valueOf(settings.remove("plugin"));
            settings.remove("price"); // what its tokens cost is the agent room's to know
            all.put("models." + name, new Instance("models." + name, plugin, name, name, "/models/" + name, settings));
        });
        config.mcp().servers().forEach((name, entry) -> {
            String path = "/mcp/servers/" + name;
            all.put("mcp." + name, new Instance("mcp." + name, "mcp", name, "mcp~" + name, path, entry));
        });
        BUILT_IN.forEach(name ->
                all.computeIfAbsent("plugins." + name, key -> new Instance(key, name, "default", name, "", Map.of())));
        return all;
    }

    /**
     * The instance of an entry of {@code plugins}.
     *
     * @param tools the block of that name: what it says under the plugin's name holds where the entry says nothing
     */
    static Instance ofEntry(Map<String, Object> entry, String path, Map<String, Object> tools) {
        String name = (String) entry.get("name");
        String[] parts = name.split("~", 2);
        Map<String, Object> settings = new LinkedHashMap<>();
        if (tools.get(parts[0]) instanceof Map<?, ?> shared) {
            shared.forEach((key, value) -> settings.put((String) key, value));
        }
        settings.putAll(entry);
        settings.remove("name");
        return new Instance("plugins." + name, parts[0], parts.length > 1 ? parts[1] : "default", name, path, settings);
    }

    /** The instance's name where it has one of its own. */
    Optional<String> named() {
        return id.equals("default") ? Optional.empty() : Optional.of(id);
    }

    /** Whether another entry asks for the very same; where it stands in the file does not matter. */
    boolean sameAs(Instance other) {
        return other != null && key.equals(other.key) && plugin.equals(other.plugin) && settings.equals(other.settings);
    }
}
