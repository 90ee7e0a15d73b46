package io.koshi.codec.internal;

import java.util.LinkedHashMap;
import java.util.Map;

/** Any plain data, passed on as it is. Thread-safe. */
final class AnyShape implements Shape {
    @Override
    public Object read(Object data, Place at, Faults faults) {
        return data;
    }

    @Override
    public Map<String, Object> schema(SchemaMaker maker) {
        return new LinkedHashMap<>();
    }
}
