package io.koshi.plugin.internal;

import java.util.Collection;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;

/** Turns nested settings into component properties, as {@link io.koshi.config.Properties} describes. */
final class FlatSettings {
    private FlatSettings() {}

    static Dictionary<String, Object> of(Instance instance, String kind) {
        Dictionary<String, Object> flat = new Hashtable<>();
        instance.settings().forEach((key, value) -> put(flat, key, value));
        flat.put("koshi.plugin.name", instance.entry());
        if (kind.equals("channel") || kind.equals("model")) {
            flat.put("koshi." + kind + ".name", instance.entry());
        }
        return flat;
    }

    private static void put(Dictionary<String, Object> flat, String key, Object value) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, below) -> put(flat, key + "." + name, below));
        } else if (value instanceof List<?> list && list.stream().anyMatch(FlatSettings::isNested)) {
            for (int i = 0; i < list.size(); i++) {
                put(flat, key + "." + i, list.get(i));
            }
        } else if (value instanceof List<?> list) {
            flat.put(key, list.stream().map(String::valueOf).toArray(String[]::new));
        } else if (value != null) {
            flat.put(key, value instanceof Number || value instanceof Boolean ? simple(value) : value.toString());
        }
    }

    private static boolean isNested(Object item) {
        return item instanceof Map<?, ?> || item instanceof Collection<?>;
    }

    /** ConfigAdmin takes the boxes of primitive types only. */
    private static Object simple(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean || value instanceof Integer
                ? value
                : value.toString();
    }
}
