package io.koshi.codec;

import java.util.Map;

/** A map that still has the bytes it came from; what is asked of it is read from them without parsing the rest. */
public interface RawMap extends Map<String, Object> {
    /**
     * The value under a name: a map that still has its own bytes where it is one, else plain data; null where there is
     * none.
     */
    default Object member(String name) {
        return get(name);
    }
}
