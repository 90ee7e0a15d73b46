package io.koshi.codec.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes the JSON Schema (2020-12) of a type: nested records in place, and by reference only where a
 * record contains itself. Confined to one call.
 */
final class SchemaMaker {
    private final Deque<RecordShape> within = new ArrayDeque<>();
    private final Map<String, RecordShape> recursive = new LinkedHashMap<>();

    static Map<String, Object> make(Shape shape) {
        SchemaMaker maker = new SchemaMaker();
        Map<String, Object> schema = maker.of(shape);
        Map<String, Object> definitions = new LinkedHashMap<>();
        while (definitions.size() < maker.recursive.size()) {
            for (Map.Entry<String, RecordShape> one :
                    Map.copyOf(maker.recursive).entrySet()) {
                if (!definitions.containsKey(one.getKey())) {
                    definitions.put(one.getKey(), maker.of(one.getValue()));
                }
            }
        }
        if (!definitions.isEmpty()) {
            schema.put("$defs", definitions);
        }
        return schema;
    }

    Map<String, Object> of(Shape shape) {
        if (!(shape instanceof RecordShape record)) {
            return shape.schema(this);
        }
        if (within.contains(record)) {
            String name = record.type().getSimpleName();
            recursive.put(name, record);
            Map<String, Object> reference = new LinkedHashMap<>();
            reference.put("$ref", "#/$defs/" + name);
            return reference;
        }
        within.push(record);
        try {
            return record.schema(this);
        } finally {
            within.pop();
        }
    }
}
