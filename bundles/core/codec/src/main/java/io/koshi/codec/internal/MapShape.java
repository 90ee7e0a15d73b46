package io.koshi.codec.internal;

import io.koshi.codec.RawObject;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A map from any string to values of one shape. Thread-safe. */
record MapShape(Shape value) implements Shape {
    @Override
    public Object read(Object data, Place at, Faults faults) {
        if (!(data instanceof Map<?, ?> map)) {
            faults.add(at, "must be an object");
            return null;
        }
        if (value instanceof AnyShape) {
            return map instanceof RawObject ? map : Collections.unmodifiableMap(map);
        }
        Map<String, Object> values = new LinkedHashMap<>();
        map.forEach((key, one) -> {
            Place place = at.at(key);
            if (one == null) {
                faults.add(place, "must not be null");
            } else {
                values.put((String) key, value.read(one, place, faults));
            }
        });
        return Collections.unmodifiableMap(values);
    }

    @Override
    public Map<String, Object> schema(SchemaMaker maker) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        if (!(value instanceof AnyShape)) {
            schema.put("additionalProperties", maker.of(value));
        }
        return schema;
    }
}
