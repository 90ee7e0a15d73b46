package io.koshi.codec.internal;

import java.util.Map;

/** How plain data becomes a value of one Java type, and how its schema says so. Thread-safe. */
interface Shape {
    /**
     * Reads plain data.
     *
     * @param data never null, except where {@link AnyShape} reads it
     * @return the value; anything at all once a fault was added
     */
    Object read(Object data, Place at, Faults faults);

    /** JSON Schema of what is read; a new map that the caller may add to. */
    Map<String, Object> schema(SchemaMaker maker);
}
