package io.koshi.config.internal;

import io.koshi.codec.Codec;
import io.koshi.config.Config;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** Names what differs between two configurations: {@code http}, {@code plugins.github}, {@code models.main}. */
record Blocks(Codec codec) {
    List<String> changed(Config before, Config after) {
        Map<String, Object> old = flat(before);
        Map<String, Object> now = flat(after);
        TreeSet<String> names = new TreeSet<>(old.keySet());
        names.addAll(now.keySet());
        List<String> changed = new ArrayList<>();
        for (String name : names) {
            if (!Objects.equals(old.get(name), now.get(name))) {
                changed.add(name);
            }
        }
        return changed;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> flat(Config config) {
        Map<String, Object> flat = new LinkedHashMap<>((Map<String, Object>) codec.toData(config));
        flat.remove("plugins");
        flat.remove("models");
        config.plugins().forEach(entry -> flat.put("plugins." + entry.get("name"), entry));
        config.models().forEach((name, entry) -> flat.put("models." + name, entry));
        return flat;
    }
}
