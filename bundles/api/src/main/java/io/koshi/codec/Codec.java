package io.koshi.codec;

import io.koshi.api.KoshiException;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Turns records into plain data and back, and plain data into JSON and CBOR.
 *
 * <p>Plain data is {@code Map<String, Object>} (insertion-ordered), {@code List<Object>}, String, Long,
 * Double, {@link java.math.BigInteger} and {@link java.math.BigDecimal} where those do not hold the
 * number, Boolean, {@code byte[]} (base64 in JSON, a byte string in CBOR) and null.
 *
 * <p>Of a record: an {@link java.util.Optional} component is left out when empty and is not required;
 * enums are lower-case names with {@code _} kept; {@link java.time.Instant} is ISO-8601 UTC, {@link
 * java.time.Duration} a number of milliseconds under a name that ends in {@code Ms}; sealed interfaces
 * of records carry {@code "type"}, the record's name in lower case; maps and lists nest. A component of
 * type Object is any plain data. A record with a {@code public static} {@code parse(String)} that returns
 * it is its text, or a number where its text is one; a component whose name ends in {@code _} stands for
 * the key without it. Components of which there is null are left out.
 *
 * <p>What is read is never changed afterwards: lists, sets and maps are unmodifiable. Thread-safe.
 */
@ProviderType
public interface Codec {
    /**
     * Plain data of a record, list, map or simple value.
     *
     * @throws KoshiException INTERNAL when the value, or something in it, has no place in plain data: a
     *     number that is not finite, a class that is no record, data that contains itself
     */
    Object toData(Object value);

    /**
     * Reads plain data as {@code type}; {@link Default} values fill what is missing.
     *
     * @throws KoshiException INVALID_PARAMS with one {@link io.koshi.api.Problem} per fault: missing,
     *     unknown (with the nearest name), wrong type, out of {@link Range}
     */
    <T> T fromData(Object data, Class<T> type);

    /** The JSON Schema (2020-12) of a record type, as plain data. */
    Map<String, Object> schema(Class<?> type);

    /** UTF-8 JSON of a record or plain data; refuses what {@link #toData} refuses. */
    byte[] json(Object value);

    /**
     * Parses UTF-8 JSON.
     *
     * @throws KoshiException PARSE_ERROR with the byte offset, when it is malformed, nested deeper than
     *     {@value #MAX_DEPTH} or has a duplicate key; the limits of size are the caller's
     */
    Object parseJson(byte[] utf8);

    /** CBOR (RFC 8949) of a record or plain data; refuses what {@link #toData} refuses. */
    byte[] cbor(Object value);

    /** Parses one CBOR item; the same limits as {@link #parseJson}. */
    Object parseCbor(byte[] bytes);

    /**
     * A JSON object that is checked to be well-formed now and parsed when first read; {@link #json} and
     * the store keep its bytes as they came.
     *
     * @throws KoshiException PARSE_ERROR as {@link #parseJson}, also when it is no object
     */
    Map<String, Object> lazyObject(byte[] utf8);

    /**
     * A CBOR map that is checked to be well-formed now and parsed when first read; {@link #cbor} sends its bytes on as
     * they came, as {@link #lazyObject} does for JSON.
     *
     * @throws KoshiException PARSE_ERROR as {@link #parseCbor}, also when it is no map
     */
    Map<String, Object> lazyCbor(byte[] item);

    /** Deepest nesting accepted from outside. */
    int MAX_DEPTH = 64;
}
