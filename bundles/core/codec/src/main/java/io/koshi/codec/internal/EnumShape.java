package io.koshi.codec.internal;

import io.koshi.api.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An enum as its constants' names in lower case. Thread-safe. */
final class EnumShape implements Shape {
    private final Map<String, Enum<?>> constants = new LinkedHashMap<>();
    private final List<String> names = new ArrayList<>();

    EnumShape(Class<?> type) {
        for (Object constant : type.getEnumConstants()) {
            Enum<?> value = (Enum<?>) constant;
            String name = value.name().toLowerCase(Locale.ROOT);
            constants.put(name, value);
            names.add(name);
        }
    }

    String name(Enum<?> constant) {
        return names.get(constant.ordinal());
    }

    @Override
    public Object read(Object data, Place at, Faults faults) {
        if (data instanceof Enum<?> constant && constants.containsValue(constant)) {
            return constant;
        }
        if (!(data instanceof String name)) {
            faults.add(at, "must be one of " + String.join(", ", names));
            return null;
        }
        Enum<?> constant = constants.get(name);
        if (constant == null) {
            faults.add(at, "'" + Text.brief(name) + "' is not known; " + Nearest.hint(name, names));
        }
        return constant;
    }

    @Override
    public Map<String, Object> schema(SchemaMaker maker) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "string");
        schema.put("enum", List.copyOf(names));
        return schema;
    }
}
