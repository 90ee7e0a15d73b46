package io.koshi.codec.internal;

import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.rpc.Doc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** One component of a record: its key, how it is got out and how it is read. Thread-safe. */
final class Member {
    private static final MethodType GETTER = MethodType.methodType(Object.class, Object.class);

    private final RecordComponent declared;
    private final Key key;
    private final boolean optional;
    private final Default fallback;
    private final Bounds bounds;
    private volatile Reader reader;
    private MethodHandle getter;

    /** What is needed to read, made at the first reading: many records are only ever written. */
    private record Reader(Shape shape, Object fallback) {}

    Member(RecordComponent declared) {
        this.declared = declared;
        String name = declared.getName();
        this.key = Key.of(name.endsWith("_") ? name.substring(0, name.length() - 1) : name);
        this.optional = declared.getType() == Optional.class;
        this.fallback = declared.getAnnotation(Default.class);
        this.bounds = Bounds.of(declared.getAnnotation(Range.class));
        if (declared.getType() == Duration.class && !name.endsWith("Ms")) {
            throw new IllegalArgumentException(declared.getDeclaringRecord().getName() + ": the Duration " + name
                    + " must be named " + name + "Ms, since it is written in milliseconds");
        }
    }

    Key key() {
        return key;
    }

    String name() {
        return key.name();
    }

    boolean required() {
        return !optional && fallback == null;
    }

    Object of(Record record) {
        try {
            return getter().invokeExact((Object) record);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Made at the first writing: many records are only ever read. Two threads may both make it. */
    private MethodHandle getter() throws IllegalAccessException {
        MethodHandle known = getter;
        if (known == null) {
            Method accessor = declared.getAccessor();
            accessor.setAccessible(true);
            known = MethodHandles.lookup().unreflect(accessor).asType(GETTER);
            getter = known;
        }
        return known;
    }

    /** @param given whether the key was there; null counts as left out, except for any plain data */
    Object read(Object value, boolean given, Place parent, Faults faults) {
        Reader reading = reader();
        Object data = value;
        if (data == null) {
            if (optional) {
                return Optional.empty();
            }
            if (given && reading.shape instanceof AnyShape) {
                return null;
            }
            if (fallback == null) {
                faults.add(parent.at(name()), "is required");
                return null;
            }
            data = reading.fallback;
        }
        Place at = parent.at(name());
        int before = faults.count();
        Object read = reading.shape.read(data, at, faults);
        if (bounds != null && faults.count() == before) {
            bounds.check(read, at, faults);
        }
        return optional ? Optional.ofNullable(read) : read;
    }

    Map<String, Object> schema(SchemaMaker maker) {
        Reader reading = reader();
        Map<String, Object> schema = maker.of(reading.shape);
        Doc doc = declared.getAnnotation(Doc.class);
        if (doc != null) {
            schema.put("description", doc.value());
        }
        if (bounds != null) {
            bounds.schema(schema);
        }
        if (fallback != null) {
            schema.put("default", reading.fallback);
        }
        return schema;
    }

    private Reader reader() {
        Reader known = reader;
        if (known == null) {
            Object value = fallback == null ? null : Json.parse(fallback.value().getBytes(StandardCharsets.UTF_8));
            known = new Reader(shape(), value);
            reader = known;
        }
        return known;
    }

    private Shape shape() {
        Type type = declared.getGenericType();
        try {
            return Shapes.of(optional ? ((ParameterizedType) type).getActualTypeArguments()[0] : type);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    declared.getDeclaringRecord().getName() + "." + declared.getName() + ": " + e.getMessage(), e);
        }
    }
}
