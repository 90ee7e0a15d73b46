package io.koshi.codec.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A list, or a set in the order of the input. Thread-safe. */
record ListShape(Shape item, boolean set) implements Shape {
    @Override
    public Object read(Object data, Place at, Faults faults) {
        if (!(data instanceof Collection<?> items)) {
            faults.add(at, "must be a list");
            return null;
        }
        List<Object> values = new ArrayList<>(items.size());
        int index = 0;
        for (Object one : items) {
            Place place = at.at(index++);
            if (one == null && !(item instanceof AnyShape)) {
                faults.add(place, "must not be null");
            } else {
                values.add(item.read(one, place, faults));
            }
        }
        if (!set) {
            return Collections.unmodifiableList(values);
        }
        Set<Object> once = new LinkedHashSet<>(values);
        if (once.size() < values.size()) {
            faults.add(at, "must not have an item twice");
        }
        return Collections.unmodifiableSet(once);
    }

    @Override
    public Map<String, Object> schema(SchemaMaker maker) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "array");
        schema.put("items", maker.of(item));
        if (set) {
            schema.put("uniqueItems", true);
        }
        return schema;
    }
}
