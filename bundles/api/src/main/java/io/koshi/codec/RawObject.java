package io.koshi.codec;

import java.util.Optional;

/** A map that still has the JSON text it came from, as {@link Codec#lazyObject} makes it. */
public interface RawObject extends RawMap {
    /** The UTF-8 JSON text as it came; not to be changed. */
    byte[] raw();

    /**
     * The scalar at a path, without parsing the rest: a String, a number as plain data has it, a Boolean,
     * or null where there is none. A step into a list is the item's index.
     */
    Object scalar(String... path);

    /**
     * Its own scalars as an object that holds nothing of the rest, so that one of many can still be told
     * apart when all of them together are too large to be kept; empty when those alone take more than
     * {@code mostBytes}.
     */
    Optional<RawObject> scalars(int mostBytes);
}
