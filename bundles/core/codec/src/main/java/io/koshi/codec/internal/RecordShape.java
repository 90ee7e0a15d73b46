package io.koshi.codec.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Nearest;
import io.koshi.api.Problem;
import io.koshi.rpc.Doc;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A record as an object with a member for each component. Thread-safe. */
final class RecordShape implements Shape {
    private final Class<?> type;
    private final Constructor<?> constructor;
    private final Member[] components;
    private final String tag;
    private final Optional<ParsedShape> parsed;

    RecordShape(Class<?> type) {
        this.type = type;
        this.tag = sealed(type) ? type.getSimpleName().toLowerCase(Locale.ROOT) : null;
        this.parsed = ParsedShape.of(type);
        RecordComponent[] declared = type.getRecordComponents();
        this.components = Arrays.stream(declared).map(Member::new).toArray(Member[]::new);
        try {
            this.constructor = type.getDeclaredConstructor(
                    Arrays.stream(declared).map(RecordComponent::getType).toArray(Class<?>[]::new));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
        constructor.setAccessible(true);
        if (tag != null && Arrays.stream(components).anyMatch(c -> c.name().equals("type"))) {
            throw new IllegalArgumentException(
                    type.getName() + ": 'type' is the record's own name in a sealed interface");
        }
    }

    private static boolean sealed(Class<?> type) {
        return Arrays.stream(type.getInterfaces()).anyMatch(one -> one.isSealed() || sealed(one));
    }

    Class<?> type() {
        return type;
    }

    /** Its name in a sealed interface, null where it is in none. */
    String tag() {
        return tag;
    }

    /** Whether it is written as one string or number. */
    boolean scalar() {
        return parsed.isPresent();
    }

    Optional<ParsedShape> parsed() {
        return parsed;
    }

    Member[] components() {
        return components;
    }

    @Override
    public Object read(Object data, Place at, Faults faults) {
        if (type.isInstance(data)) {
            return data;
        }
        if (!(data instanceof Map<?, ?> map)) {
            faults.add(at, "must be an object");
            return null;
        }
        int before = faults.count();
        Object[] values = new Object[components.length];
        int known = 0;
        for (int i = 0; i < values.length; i++) {
            Member component = components[i];
            Object value = map.get(component.name());
            boolean given = value != null || map.containsKey(component.name());
            known += given ? 1 : 0;
            values[i] = component.read(value, given, at, faults);
        }
        if (tag != null && map.get("type") instanceof String given) {
            known++;
            if (!given.equals(tag)) {
                faults.add(at.at("type"), "must be " + tag);
            }
        }
        if (known < map.size()) {
            unknown(map, at, faults);
        }
        return faults.count() > before ? null : make(values, at, faults);
    }

    private void unknown(Map<?, ?> map, Place at, Faults faults) {
        List<String> names = Arrays.stream(components).map(Member::name).toList();
        for (Object key : map.keySet()) {
            if (!names.contains(key) && !(tag != null && "type".equals(key))) {
                String name = String.valueOf(key);
                faults.add(at.at(name), "is not known here; " + Nearest.hint(name, names));
            }
        }
    }

    private Object make(Object[] values, Place at, Faults faults) {
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            refused(e.getCause(), at, faults);
            return null;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the record's own checks say of the values. */
    private static void refused(Throwable cause, Place at, Faults faults) {
        if (cause instanceof Error error) {
            throw error;
        }
        if (cause instanceof KoshiException refusal && !refusal.details().isEmpty()) {
            for (Problem problem : refusal.details()) {
                faults.add(new Problem(at + problem.path(), problem.problem()));
            }
        } else {
            String message = cause.getMessage();
            faults.add(at, message == null ? "is refused (" + cause.getClass().getSimpleName() + ")" : message);
        }
    }

    @Override
    public Map<String, Object> schema(SchemaMaker maker) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        Doc doc = type.getAnnotation(Doc.class);
        if (doc != null) {
            schema.put("description", doc.value());
        }
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        if (tag != null) {
            properties.put("type", Map.of("const", tag));
            required.add("type");
        }
        for (Member component : components) {
            properties.put(component.name(), component.schema(maker));
            if (component.required()) {
                required.add(component.name());
            }
        }
        schema.put("properties", properties);
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        schema.put("additionalProperties", false);
        return schema;
    }
}
