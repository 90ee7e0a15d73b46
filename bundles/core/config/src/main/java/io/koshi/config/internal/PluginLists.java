package io.koshi.config.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a configuration's data should be after an edit of its plugins: the measure an edited text is held against. */
final class PluginLists {
    private static final String PLUGINS = "plugins";

    private PluginLists() {}

    static Map<String, Object> with(Map<String, Object> data, String name, Map<String, Object> entry) {
        List<Object> plugins = list(data);
        int at = index(plugins, name);
        if (at < 0) {
            plugins.add(entry);
        } else {
            plugins.set(at, entry);
        }
        return replace(data, plugins);
    }

    static Map<String, Object> without(Map<String, Object> data, String name) {
        List<Object> plugins = list(data);
        int at = index(plugins, name);
        if (at < 0) {
            return data;
        }
        plugins.remove(at);
        return replace(data, plugins);
    }

    /** Whether two configurations say the same; no list of plugins and an empty one do. */
    static boolean same(Map<String, Object> one, Map<String, Object> other) {
        return replace(one, list(one)).equals(replace(other, list(other)));
    }

    private static List<Object> list(Map<String, Object> data) {
        return data.get(PLUGINS) instanceof List<?> list ? new ArrayList<>(list) : new ArrayList<>();
    }

    private static int index(List<Object> plugins, String name) {
        for (int i = 0; i < plugins.size(); i++) {
            if (plugins.get(i) instanceof Map<?, ?> map && name.equals(map.get("name"))) {
                return i;
            }
        }
        return -1;
    }

    private static Map<String, Object> replace(Map<String, Object> data, List<Object> plugins) {
        Map<String, Object> copy = new LinkedHashMap<>(data);
        copy.put(PLUGINS, plugins);
        return copy;
    }
}
