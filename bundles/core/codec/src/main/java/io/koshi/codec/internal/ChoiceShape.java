package io.koshi.codec.internal;

import io.koshi.api.Nearest;
import java.util.LinkedHashMap;
import java.util.Map;

/** A sealed interface of records, told apart by {@code type}. Thread-safe. */
final class ChoiceShape implements Shape {
    private final Class<?> type;
    private final Map<String, RecordShape> choices = new LinkedHashMap<>();

    ChoiceShape(Class<?> type) {
        this.type = type;
        gather(type);
    }

    private void gather(Class<?> sealed) {
        for (Class<?> permitted : sealed.getPermittedSubclasses()) {
            if (permitted.isRecord()) {
                RecordShape shape = Shapes.RECORDS.get(permitted);
                if (choices.putIfAbsent(shape.tag(), shape) != null) {
                    throw new IllegalArgumentException(type.getName() + " has two records named " + shape.tag());
                }
            } else if (permitted.isSealed()) {
                gather(permitted);
            } else {
                throw new IllegalArgumentException(permitted.getName() + " of " + type.getName() + " is no record");
            }
        }
    }

    @Override
    public Object read(Object data, Place at, Faults faults) {
        if (type.isInstance(data)) {
            return data;
        }
        if (!(data instanceof Map<?, ?> map)) {
            faults.add(at, "must be an object");
            return null;
        }
        if (!(map.get("type") instanceof String tag)) {
            faults.add(at.at("type"), "is required: one of " + String.join(", ", choices.keySet()));
            return null;
        }
        RecordShape shape = choices.get(tag);
        if (shape == null) {
            faults.add(at.at("type"), "'" + Text.brief(tag) + "' is not known; " + Nearest.hint(tag, choices.keySet()));
            return null;
        }
        return shape.read(data, at, faults);
    }

    @Override
    public Map<String, Object> schema(SchemaMaker maker) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("oneOf", choices.values().stream().map(maker::of).toList());
        return schema;
    }
}
