package io.koshi.codec;

/** A map that still has the CBOR it came from, as {@link Codec#lazyCbor} makes it. */
public interface RawCbor extends RawMap {
    /** The CBOR item as it came; not to be changed. */
    byte[] cbor();
}
