package io.koshi.codec.internal;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The shape of every type. What is known of a class is kept with the class itself ({@link ClassValue}),
 * so that a bundle that leaves takes it along. Thread-safe.
 */
final class Shapes {
    static final ClassValue<RecordShape> RECORDS = new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
            return new RecordShape(type);
        }
    };

    static final ClassValue<EnumShape> ENUMS = new ClassValue<>() {
        @Override
        protected EnumShape computeValue(Class<?> type) {
            return new EnumShape(type);
        }
    };

    private static final Shape ANY = new AnyShape();

    private static final Map<Class<?>, Shape> SIMPLE = Map.ofEntries(
            Map.entry(Object.class, ANY),
            Map.entry(String.class, Scalar.TEXT),
            Map.entry(boolean.class, Scalar.TRUTH),
            Map.entry(Boolean.class, Scalar.TRUTH),
            Map.entry(byte.class, Scalar.BYTE),
            Map.entry(Byte.class, Scalar.BYTE),
            Map.entry(short.class, Scalar.SHORT),
            Map.entry(Short.class, Scalar.SHORT),
            Map.entry(int.class, Scalar.INT),
            Map.entry(Integer.class, Scalar.INT),
            Map.entry(long.class, Scalar.LONG),
            Map.entry(Long.class, Scalar.LONG),
            Map.entry(float.class, Scalar.FLOAT),
            Map.entry(Float.class, Scalar.FLOAT),
            Map.entry(double.class, Scalar.DOUBLE),
            Map.entry(Double.class, Scalar.DOUBLE),
            Map.entry(BigInteger.class, Scalar.BIG_INTEGER),
            Map.entry(BigDecimal.class, Scalar.BIG_DECIMAL),
            Map.entry(Instant.class, Scalar.INSTANT),
            Map.entry(Duration.class, Scalar.DURATION),
            Map.entry(URI.class, Scalar.URI_TEXT),
            Map.entry(Path.class, Scalar.PATH),
            Map.entry(byte[].class, Scalar.BYTES));

    private Shapes() {}

    /** @throws IllegalArgumentException when the type is none the codec reads */
    static Shape of(Type type) {
        if (type instanceof Class<?> known) {
            return ofClass(known);
        }
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            Class<?> raw = (Class<?>) generic.getRawType();
            if (raw == List.class || raw == Collection.class) {
                return new ListShape(of(arguments[0]), false);
            }
            if (raw == Set.class) {
                return new ListShape(of(arguments[0]), true);
            }
            if (raw == Map.class && arguments[0] == String.class) {
                return new MapShape(of(arguments[1]));
            }
            return ofClass(raw);
        }
        if (type instanceof WildcardType wildcard) {
            return of(wildcard.getUpperBounds()[0]);
        }
        return ANY;
    }

    private static Shape ofClass(Class<?> type) {
        Shape simple = SIMPLE.get(type);
        if (simple != null) {
            return simple;
        }
        if (type.isRecord()) {
            RecordShape shape = RECORDS.get(type);
            return shape.scalar() ? shape.parsed().orElseThrow() : shape;
        }
        if (type.isEnum()) {
            return ENUMS.get(type);
        }
        if (type.isSealed() && type.isInterface()) {
            return new ChoiceShape(type);
        }
        if (type == Map.class) {
            return new MapShape(ANY);
        }
        if (type == List.class || type == Collection.class) {
            return new ListShape(ANY, false);
        }
        if (type == Optional.class) {
            throw new IllegalArgumentException("an Optional can only be a record's component");
        }
        throw new IllegalArgumentException(type.getName() + " is no type the codec reads; use a record");
    }
}
