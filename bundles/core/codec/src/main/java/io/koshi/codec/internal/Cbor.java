package io.koshi.codec.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one CBOR item (RFC 8949) strictly: string keys, none twice, well-formed UTF-8, finite numbers,
 * nothing after it. Indefinite lengths are understood; tags 2 to 4 are numbers, other tags are passed
 * over. No length is believed before as many bytes are there.
 *
 * <p>Jackson's reader (2.22) was tried and left: it lets overlong UTF-8 and any kind of key pass, takes a
 * bignum of tag 2 for signed and is off by one in tag 3, and costs the start another bundle.
 *
 * <p>Confined to one call.
 */
final class Cbor {
    private static final int INDEFINITE = -1;
    private static final int BREAK = 0xFF;

    private final byte[] bytes;
    private int at;

    private Cbor(byte[] bytes) {
        this.bytes = bytes;
    }

    static Object parse(byte[] bytes) {
        Cbor cbor = new Cbor(bytes);
        Object value = cbor.item(0);
        if (cbor.at < bytes.length) {
            throw cbor.malformed("something follows the value");
        }
        return value;
    }

    private Object item(int depth) {
        int first = next();
        while (first >> 5 == 6) {
            long tag = number(first & 31);
            if (tag == 2 || tag == 3) {
                return bignum(tag == 3);
            }
            if (tag == 4) {
                return fraction(depth);
            }
            first = next();
        }
        int info = first & 31;
        return switch (first >> 5) {
            case 0 -> unsigned(number(info));
            case 1 -> negative(number(info));
            case 2 -> string(2, info);
            case 3 -> text(info);
            case 4 -> list(info, depth);
            case 5 -> map(info, depth);
            default -> simple(info);
        };
    }

    private static Object unsigned(long value) {
        return value >= 0 ? (Object) value : new BigInteger(Long.toUnsignedString(value));
    }

    private static Object negative(long value) {
        return value >= 0 ? (Object) ~value : new BigInteger(Long.toUnsignedString(value)).not();
    }

    /** Tags 2 and 3 (RFC 8949, 3.4.3): a whole number as bytes. */
    private Object bignum(boolean negative) {
        int first = next();
        if (first >> 5 != 2) {
            throw malformed("a big number must be a byte string");
        }
        byte[] magnitude = string(2, first & 31);
        if (magnitude.length > 512) {
            throw malformed("a number is too long");
        }
        BigInteger value = new BigInteger(1, magnitude);
        value = negative ? value.not() : value;
        return value.bitLength() < 64 ? (Object) value.longValue() : value;
    }

    /** Tag 4 (RFC 8949, 3.4.4): an exponent of ten and a mantissa. */
    private Object fraction(int depth) {
        int first = next();
        if (first != 0x82 || depth >= Codec.MAX_DEPTH) {
            throw malformed("a decimal fraction must be a list of two");
        }
        Object exponent = item(depth + 1);
        Object mantissa = item(depth + 1);
        if (exponent instanceof Long power && (mantissa instanceof Long || mantissa instanceof BigInteger)) {
            if (Math.abs(Math.max(power, -Long.MAX_VALUE)) <= 10_000) {
                return Numbers.of(new BigDecimal(new BigInteger(mantissa.toString()), (int) -power));
            }
        }
        throw malformed("a decimal fraction must be two whole numbers, the exponent within 10000");
    }

    private String text(int info) {
        if (info == 31) {
            return new String(string(3, info), StandardCharsets.UTF_8);
        }
        int length = length(info);
        wellFormed(at, length);
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    private void wellFormed(int from, int length) {
        int fault = Utf8.firstFault(bytes, from, from + length);
        if (fault >= 0) {
            at = fault;
            throw malformed("this is no UTF-8");
        }
    }

    /** A byte string, or the bytes of a text string in pieces. */
    private byte[] string(int major, int info) {
        if (info != 31) {
            int length = length(info);
            at += length;
            return Arrays.copyOfRange(bytes, at - length, at);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (int first = next(); first != BREAK; first = next()) {
            if (first >> 5 != major || (first & 31) == 31) {
                throw malformed("a piece of a string must be a string of the same kind");
            }
            int length = length(first & 31);
            if (major == 3) {
                wellFormed(at, length);
            }
            whole.write(bytes, at, length);
            at += length;
        }
        return whole.toByteArray();
    }

    private List<Object> list(int info, int depth) {
        enter(depth);
        int count = count(info, 1);
        List<Object> list = new ArrayList<>(Math.min(Math.max(count, 0), 64));
        for (int i = 0; count == INDEFINITE ? more() : i < count; i++) {
            list.add(item(depth + 1));
        }
        return list;
    }

    private Map<String, Object> map(int info, int depth) {
        enter(depth);
        int count = count(info, 2);
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; count == INDEFINITE ? more() : i < count; i++) {
            int first = next();
            if (first >> 5 != 3) {
                throw malformed("a key must be a text string");
            }
            String key = text(first & 31);
            int before = map.size();
            map.put(key, item(depth + 1));
            if (map.size() == before) {
                throw malformed("a key stands twice in one map");
            }
        }
        return map;
    }

    private void enter(int depth) {
        if (depth >= Codec.MAX_DEPTH) {
            throw malformed("nested deeper than " + Codec.MAX_DEPTH);
        }
    }

    /** Whether another item follows in a container of indefinite length; passes over its end. */
    private boolean more() {
        if (at < bytes.length && (bytes[at] & 0xFF) == BREAK) {
            at++;
            return false;
        }
        return true;
    }

    private Object simple(int info) {
        return switch (info) {
            case 20 -> Boolean.FALSE;
            case 21 -> Boolean.TRUE;
            case 22, 23 -> null;
            case 25 -> finite(half((int) number(info)));
            case 26 -> finite(Float.intBitsToFloat((int) number(info)));
            case 27 -> finite(Double.longBitsToDouble(number(info)));
            default -> throw malformed("this simple value has no meaning here");
        };
    }

    private Double finite(double value) {
        if (!Double.isFinite(value)) {
            throw malformed("a number must be finite");
        }
        return value;
    }

    /** RFC 8949, appendix D. */
    private static double half(int bits) {
        int exponent = bits >> 10 & 31;
        int mantissa = bits & 0x3FF;
        double value;
        if (exponent == 0) {
            value = Math.scalb((double) mantissa, -24);
        } else if (exponent < 31) {
            value = Math.scalb((double) (mantissa + 1024), exponent - 25);
        } else {
            value = mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        }
        return (bits & 0x8000) == 0 ? value : -value;
    }

    private int count(int info, int each) {
        if (info == 31) {
            return INDEFINITE;
        }
        long count = number(info);
        if (count < 0 || count > (bytes.length - at) / each) {
            throw early();
        }
        return (int) count;
    }

    private int length(int info) {
        long length = number(info);
        if (length < 0 || length > bytes.length - at) {
            throw early();
        }
        return (int) length;
    }

    /** The argument of a head, as an unsigned number. */
    private long number(int info) {
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw malformed("this head is reserved");
        }
        int width = 1 << info - 24;
        if (bytes.length - at < width) {
            throw early();
        }
        long value = 0;
        for (int i = 0; i < width; i++) {
            value = value << 8 | bytes[at++] & 0xFF;
        }
        return value;
    }

    private int next() {
        if (at >= bytes.length) {
            throw early();
        }
        return bytes[at++] & 0xFF;
    }

    private KoshiException early() {
        at = bytes.length;
        return malformed("the item ends too early");
    }

    private KoshiException malformed(String why) {
        return new KoshiException(ErrorCode.PARSE_ERROR, "malformed CBOR at byte " + at + ": " + why);
    }
}
