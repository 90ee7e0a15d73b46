package io.koshi.codec.internal;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** The simple types a record's component can have. */
enum Scalar implements Shape {
    TEXT("a string", "string"),
    TRUTH("true or false", "boolean"),
    BYTE("a whole number from -128 to 127", "integer"),
    SHORT("a whole number from -32768 to 32767", "integer"),
    INT("a whole number from -2147483648 to 2147483647", "integer"),
    LONG("a whole number of 64 bits", "integer"),
    BIG_INTEGER("a whole number", "integer"),
    FLOAT("a number", "number"),
    DOUBLE("a number", "number"),
    BIG_DECIMAL("a number", "number"),
    INSTANT("a time as 2025-01-31T12:00:00Z (ISO-8601, UTC)", "string", "format", "date-time"),
    DURATION("a whole number of milliseconds", "integer"),
    URI_TEXT("a URI (RFC 3986)", "string", "format", "uri-reference"),
    PATH("a file's path", "string"),
    BYTES("bytes in base64", "string", "contentEncoding", "base64");

    /** Far past any use; a larger scale would make a small text into a huge number. */
    private static final int MAX_SCALE = 1000;

    private final String wanted;
    private final Map<String, Object> schema = new LinkedHashMap<>();

    Scalar(String wanted, String type) {
        this.wanted = wanted;
        schema.put("type", type);
    }

    Scalar(String wanted, String type, String key, String value) {
        this(wanted, type);
        schema.put(key, value);
    }

    @Override
    public Object read(Object data, Place at, Faults faults) {
        Object value;
        try {
            value = value(data);
        } catch (ArithmeticException | IllegalArgumentException | DateTimeException e) {
            value = null;
        }
        if (value == null) {
            faults.add(at, "must be " + wanted);
        }
        return value;
    }

    @Override
    public Map<String, Object> schema(SchemaMaker maker) {
        return new LinkedHashMap<>(schema);
    }

    private Object value(Object data) {
        if (data instanceof Number number) {
            return number(number);
        }
        if (data instanceof String text) {
            return text(text);
        }
        if (data instanceof Boolean) {
            return this == TRUTH ? data : null;
        }
        if (data instanceof byte[]) {
            return this == BYTES ? data : null;
        }
        if (data instanceof Instant) {
            return this == INSTANT ? data : null;
        }
        return null;
    }

    private Object text(String text) {
        return switch (this) {
            case TEXT -> text;
            case INSTANT -> Instant.parse(text);
            case URI_TEXT -> URI.create(text);
            case PATH -> Path.of(text);
            case BYTES -> Base64.getDecoder().decode(text);
            default -> null;
        };
    }

    private Object number(Number number) {
        return switch (this) {
            case BYTE -> exact(number, Byte.MIN_VALUE, Byte.MAX_VALUE).byteValue();
            case SHORT -> exact(number, Short.MIN_VALUE, Short.MAX_VALUE).shortValue();
            case INT -> exact(number, Integer.MIN_VALUE, Integer.MAX_VALUE).intValue();
            case LONG -> exact(number, Long.MIN_VALUE, Long.MAX_VALUE);
            case DURATION -> Duration.ofMillis(exact(number, Long.MIN_VALUE, Long.MAX_VALUE));
            case BIG_INTEGER -> decimal(number).toBigIntegerExact();
            case BIG_DECIMAL -> decimal(number);
            case DOUBLE -> finite(number.doubleValue());
            case FLOAT -> finite(number.doubleValue()) == null ? null : finite(number.floatValue());
            default -> null;
        };
    }

    private static Long exact(Number number, long least, long greatest) {
        long value;
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            value = number.longValue();
        } else {
            value = decimal(number).longValueExact();
        }
        if (value < least || value > greatest) {
            throw new ArithmeticException("out of range");
        }
        return value;
    }

    private static BigDecimal decimal(Number number) {
        BigDecimal value;
        if (number instanceof BigDecimal big) {
            value = big;
        } else if (number instanceof BigInteger big) {
            value = new BigDecimal(big);
        } else {
            value = new BigDecimal(number.toString());
        }
        if (Math.abs((long) value.scale()) > MAX_SCALE) {
            throw new ArithmeticException("out of range");
        }
        return value;
    }

    private static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static Float finite(float value) {
        return Float.isFinite(value) ? value : null;
    }
}
