package io.koshi.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Nested settings in a plugin's flat component properties. A block of koshi.yaml reaches its component as
 * ConfigAdmin properties: scalars and lists of scalars as they are, nested maps under dotted names
 * ({@code routes.deploy.secret}), list items of maps under their index.
 */
public final class Properties {
    private Properties() {}

    /**
     * The nested map under a name, for example {@code routes}; empty where there is none. Keys that
     * contain dots do not occur: the configuration refuses them.
     */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> tree(Map<String, ?> properties, String name) {
        Map<String, Object> tree = new LinkedHashMap<>();
        String prefix = name + ".";
        properties.keySet().stream().filter(k -> k.startsWith(prefix)).sorted().forEach(key -> {
            String[] path = key.substring(prefix.length()).split("\\.");
            Map<String, Object> at = tree;
            for (int i = 0; i < path.length - 1; i++) {
                at = (Map<String, Object>) at.computeIfAbsent(path[i], k -> new LinkedHashMap<String, Object>());
            }
            at.put(path[path.length - 1], properties.get(key));
        });
        return tree;
    }
}
