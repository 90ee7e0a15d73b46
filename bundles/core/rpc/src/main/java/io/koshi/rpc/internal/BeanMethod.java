package io.koshi.rpc.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.SchemaCheck;
import io.koshi.rpc.Caller;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Methods;
import io.koshi.rpc.Namespace;
import io.koshi.rpc.Rpc;
import io.koshi.rpc.Scope;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** An {@link Rpc} method of a {@link Methods} component. Thread-safe. */
final class BeanMethod implements Endpoint {
    private static final MethodType CALL = MethodType.methodType(Object.class, Object.class, Caller.class);

    private final Codec codec;
    private final Object bean;
    private final Method method;
    private final Rpc rpc;
    private final Scope scope; // asking the annotation at each call costs a reflective call
    private final boolean quick;
    private final String name;
    private final String owner;
    private final Rank rank;
    private final Class<?> params;
    private volatile MethodHandle handle;
    private volatile MethodInfo info;

    private BeanMethod(Codec codec, Object bean, Method method, String noun, String owner, Rank rank) {
        this.codec = codec;
        this.bean = bean;
        this.method = method;
        this.rpc = method.getAnnotation(Rpc.class);
        this.scope = rpc.scope();
        this.quick = rpc.quick();
        this.name = noun + "." + (rpc.name().isEmpty() ? method.getName() : rpc.name());
        this.owner = owner;
        this.rank = rank;
        Class<?>[] types = method.getParameterTypes();
        this.params = types.length > 0 && types[0].isRecord() && types[0] != Caller.class ? types[0] : null;
        int taken = params == null ? 0 : 1;
        boolean fits = types.length == taken || types.length == taken + 1 && types[taken] == Caller.class;
        if (!fits) {
            throw new IllegalArgumentException(method + " must take at most one record and then a Caller");
        }
        Class<?> result = method.getReturnType();
        if (!(result.isRecord()
                || result == void.class
                || Map.class.isAssignableFrom(result)
                || CompletionStage.class.isAssignableFrom(result))) {
            throw new IllegalArgumentException(method + " must return a record, a map, a stage of those or nothing");
        }
    }

    /**
     * The methods of a component.
     *
     * @throws IllegalArgumentException when it breaks the rules of {@link Rpc} and {@link Namespace}
     */
    static List<Endpoint> of(Codec codec, Methods bean, String owner, Rank rank) {
        Namespace noun = bean.getClass().getAnnotation(Namespace.class);
        if (noun == null) {
            throw new IllegalArgumentException(bean.getClass().getName() + " lacks @Namespace");
        }
        List<Endpoint> methods = new ArrayList<>();
        for (Method method : bean.getClass().getDeclaredMethods()) {
            if (method.isAnnotationPresent(Rpc.class) && !method.isBridge()) {
                methods.add(new BeanMethod(codec, bean, method, noun.value(), owner, rank));
            }
        }
        return methods;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Scope scope() {
        return scope;
    }

    @Override
    public Rank rank() {
        return rank;
    }

    @Override
    public String owner() {
        return owner;
    }

    @Override
    public boolean quick() {
        return quick;
    }

    @Override
    public boolean foreign() {
        return false;
    }

    @Override
    public Object invoke(Caller caller, Map<String, Object> given) throws Throwable {
        Object record = null;
        if (params != null) {
            record = codec.fromData(given, params);
        } else if (!given.isEmpty()) {
            SchemaCheck.refuseAll(given);
        }
        return handle().invokeExact(record, caller);
    }

    private MethodHandle handle() throws IllegalAccessException {
        MethodHandle known = handle;
        if (known == null) {
            method.setAccessible(true);
            known = MethodHandles.lookup().unreflect(method).bindTo(bean);
            if (params == null) {
                known = MethodHandles.dropArguments(known, 0, Object.class);
            }
            if (known.type().parameterCount() == 1) {
                known = MethodHandles.dropArguments(known, 1, Caller.class);
            }
            known = known.asType(CALL);
            handle = known;
        }
        return known;
    }

    @Override
    public MethodInfo info() {
        MethodInfo known = info;
        if (known == null) {
            known = new MethodInfo(name, rpc.value(), rpc.scope(), paramsSchema(), resultSchema(), owner);
            info = known;
        }
        return known;
    }

    private Map<String, Object> paramsSchema() {
        return params == null ? empty() : codec.schema(params);
    }

    private Map<String, Object> resultSchema() {
        Type type = method.getGenericReturnType();
        if (type instanceof ParameterizedType stage && CompletionStage.class.isAssignableFrom(method.getReturnType())) {
            type = stage.getActualTypeArguments()[0];
        }
        if (type instanceof Class<?> known && known.isRecord()) {
            return codec.schema(known);
        }
        if (type == void.class || type == Void.class) {
            return empty();
        }
        Map<String, Object> any = new LinkedHashMap<>();
        any.put("type", "object");
        return any;
    }

    private static Map<String, Object> empty() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("additionalProperties", false);
        return schema;
    }
}
