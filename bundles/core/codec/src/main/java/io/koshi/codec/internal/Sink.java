package io.koshi.codec.internal;

import io.koshi.codec.RawCbor;
import io.koshi.codec.RawObject;
import java.math.BigDecimal;
import java.math.BigInteger;

/** Where a value is written: JSON, CBOR or plain data. Confined to one call. */
interface Sink {
    /**
     * Opens a map.
     *
     * @param most as many members as it can have
     * @return what {@link #endMap} wants to have back
     */
    int startMap(int most);

    /** Closes it, {@code count} being the members it has. */
    void endMap(int mark, int count);

    void key(Key key);

    void key(String key);

    void startList(int count);

    void endList();

    void text(String value);

    void whole(long value);

    void whole(BigInteger value);

    /** A finite number. */
    void real(double value);

    void real(BigDecimal value);

    void truth(boolean value);

    void bytes(byte[] value);

    void nothing();

    /** An object that still has its text; false when it has to be written as a map. */
    boolean raw(RawObject value);

    /** A map that still has its CBOR; false when it has to be written as a map. */
    default boolean raw(RawCbor value) {
        return false;
    }
}
