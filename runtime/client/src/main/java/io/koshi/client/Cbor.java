package io.koshi.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Plain data to CBOR (RFC 8949) and back: small and by hand, since a library would take longer to load than the
 * whole command takes. Confined to one thread.
 */
public final class Cbor {
    private static final int DEEPEST = 64;
    private static final long INDEFINITE = -1;

    private final byte[] bytes;
    private int at;

    private Cbor(byte[] bytes) {
        this.bytes = bytes;
    }

    public static byte[] write(Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        write(out, value);
        return out.toByteArray();
    }

    /** @throws IllegalArgumentException when it is no single, whole item */
    public static Object read(byte[] bytes) {
        try {
            Cbor cbor = new Cbor(bytes);
            Object value = cbor.item(0);
            if (cbor.at != bytes.length) {
                throw new IllegalArgumentException("more than one CBOR item");
            }
            return value;
        } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new IllegalArgumentException("a CBOR item that is cut off", e);
        }
    }

    private static void write(ByteArrayOutputStream out, Object value) {
        if (value == null) {
            out.write(0xf6);
        } else if (value instanceof String text) {
            byte[] utf8 = text.getBytes(UTF_8);
            head(out, 3, utf8.length);
            out.writeBytes(utf8);
        } else if (value instanceof Boolean flag) {
            out.write(flag ? 0xf5 : 0xf4);
        } else if (value instanceof Double || value instanceof Float) {
            out.write(0xfb);
            number(out, Double.doubleToLongBits(((Number) value).doubleValue()), 8);
        } else if (value instanceof BigInteger big && big.bitLength() > 63) {
            out.write(big.signum() < 0 ? 0xc3 : 0xc2);
            byte[] magnitude = big.signum() < 0 ? big.not().toByteArray() : big.toByteArray();
            head(out, 2, magnitude.length);
            out.writeBytes(magnitude);
        } else if (value instanceof Number number) {
            long n = number.longValue();
            head(out, n < 0 ? 1 : 0, n < 0 ? ~n : n);
        } else if (value instanceof byte[] blob) {
            head(out, 2, blob.length);
            out.writeBytes(blob);
        } else if (value instanceof List<?> list) {
            head(out, 4, list.size());
            for (Object each : list) {
                write(out, each);
            }
        } else if (value instanceof Map<?, ?> map) {
            head(out, 5, map.size());
            for (Map.Entry<?, ?> each : map.entrySet()) {
                write(out, String.valueOf(each.getKey()));
                write(out, each.getValue());
            }
        } else {
            throw new IllegalArgumentException("no plain data: " + value.getClass());
        }
    }

    private static void head(ByteArrayOutputStream out, int major, long value) {
        int type = major << 5;
        if (value < 24) {
            out.write(type | (int) value);
        } else if (value <= 0xff) {
            out.write(type | 24);
            number(out, value, 1);
        } else if (value <= 0xffff) {
            out.write(type | 25);
            number(out, value, 2);
        } else if (value <= 0xffff_ffffL) {
            out.write(type | 26);
            number(out, value, 4);
        } else {
            out.write(type | 27);
            number(out, value, 8);
        }
    }

    private static void number(ByteArrayOutputStream out, long value, int size) {
        for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
    }

    private Object item(int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("CBOR nested deeper than " + DEEPEST);
        }
        int first = bytes[at++] & 0xff;
        int info = first & 31;
        return switch (first >> 5) {
            case 0 -> unsigned(argument(info));
            case 1 -> negative(argument(info));
            case 2 -> string(info);
            case 3 -> new String(string(info), UTF_8);
            case 4 -> list(info, depth);
            case 5 -> map(info, depth);
            case 6 -> tagged(argument(info), item(depth + 1));
            default -> simple(info);
        };
    }

    private long argument(int info) {
        return switch (info) {
            case 24 -> take(1);
            case 25 -> take(2);
            case 26 -> take(4);
            case 27 -> take(8);
            case 31 -> INDEFINITE;
            default -> {
                if (info > 27) {
                    throw new IllegalArgumentException("a CBOR length of kind " + info);
                }
                yield info;
            }
        };
    }

    private long take(int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = value << 8 | bytes[at++] & 0xff;
        }
        return value;
    }

    private static Object unsigned(long value) {
        if (value >= 0) {
            return value;
        }
        return new BigInteger(Long.toUnsignedString(value));
    }

    private static Object negative(long value) {
        if (value >= 0) {
            return ~value;
        }
        return new BigInteger(Long.toUnsignedString(value)).not();
    }

    private static Object tagged(long tag, Object value) {
        if (value instanceof byte[] magnitude && (tag == 2 || tag == 3)) {
            BigInteger number = new BigInteger(1, magnitude);
            return tag == 2 ? number : number.not();
        }
        return value;
    }

    private byte[] string(int info) {
        if (info != 31) {
            int length = length(argument(info));
            byte[] value = new byte[length];
            System.arraycopy(bytes, at, value, 0, length);
            at += length;
            return value;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (!ended()) {
            all.writeBytes(string(bytes[at++] & 31));
        }
        return all.toByteArray();
    }

    private List<Object> list(int info, int depth) {
        List<Object> list = new ArrayList<>();
        for (long left = count(info); left < 0 ? !ended() : left > 0; left = left < 0 ? left : left - 1) {
            list.add(item(depth + 1));
        }
        return list;
    }

    private Map<String, Object> map(int info, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (long left = count(info); left < 0 ? !ended() : left > 0; left = left < 0 ? left : left - 1) {
            map.put(String.valueOf(item(depth + 1)), item(depth + 1));
        }
        return map;
    }

    private long count(int info) {
        return info == 31 ? INDEFINITE : length(argument(info));
    }

    private int length(long value) {
        if (value < 0 || value > bytes.length - at) {
            throw new IllegalArgumentException("a CBOR length beyond the frame");
        }
        return (int) value;
    }

    private boolean ended() {
        if (bytes[at] == (byte) 0xff) {
            at++;
            return true;
        }
        return false;
    }

    private Object simple(int info) {
        return switch (info) {
            case 20 -> false;
            case 21 -> true;
            case 22, 23 -> null;
            case 25 -> half((int) take(2));
            case 26 -> (double) Float.intBitsToFloat((int) take(4));
            case 27 -> Double.longBitsToDouble(take(8));
            default -> throw new IllegalArgumentException("a CBOR value of kind " + info);
        };
    }

    private static double half(int bits) {
        int exponent = bits >> 10 & 31;
        int fraction = bits & 0x3ff;
        double value = exponent == 0
                ? Math.scalb((double) fraction, -24)
                : exponent == 31
                        ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                        : Math.scalb(fraction + 1024.0, exponent - 25);
        return (bits & 0x8000) == 0 ? value : -value;
    }
}
