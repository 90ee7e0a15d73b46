package io.koshi.codec.internal;

import io.koshi.api.KoshiException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A record that reads its own text with {@code public static T parse(String)}. Thread-safe. */
record ParsedShape(Class<?> type, Method parse) implements Shape {
    static Optional<ParsedShape> of(Class<?> type) {
        try {
            Method parse = type.getDeclaredMethod("parse", String.class);
            boolean fits = Modifier.isStatic(parse.getModifiers())
                    && Modifier.isPublic(parse.getModifiers())
                    && parse.getReturnType() == type;
            if (!fits) {
                return Optional.empty();
            }
            parse.setAccessible(true);
            return Optional.of(new ParsedShape(type, parse));
        } catch (NoSuchMethodException e) {
            return Optional.empty();
        }
    }

    @Override
    public Object read(Object data, Place at, Faults faults) {
        if (type.isInstance(data)) {
            return data;
        }
        if (!(data instanceof String || data instanceof Number)) {
            faults.add(at, "must be a string or a number");
            return null;
        }
        try {
            return parse.invoke(null, data.toString());
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            faults.add(
                    at,
                    cause instanceof KoshiException || cause.getMessage() != null
                            ? cause.getMessage()
                            : "cannot be read");
            return null;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Map<String, Object> schema(SchemaMaker maker) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", List.of("string", "integer"));
        return schema;
    }
}
