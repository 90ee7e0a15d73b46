package io.koshi.frame.internal;

import io.koshi.api.KoshiException;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Scope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a service says of itself when it registers.
 *
 * @param methods names, or maps of name, summary, params, result and scope
 * @param events topics it publishes, for others to see
 * @param subscriptions topics it wants to hear
 */
record Registration(
        String service, String version, List<MethodInfo> methods, List<String> events, List<String> subscriptions) {
    private static final int MOST = 500;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");
    private static final Pattern METHOD = Pattern.compile("[A-Za-z0-9_-]{1,64}(\\.[A-Za-z0-9_-]{1,64}){1,4}");

    /** @throws KoshiException INVALID_PARAMS with the path of what is wrong */
    static Registration of(Map<String, Object> params) {
        for (String name : params.keySet()) {
            if (!Set.of("service", "version", "methods", "events", "subscriptions")
                    .contains(name)) {
                throw KoshiException.invalid(
                        "/" + name, "unknown; there is service, version, methods, events and subscriptions");
            }
        }
        if (!(params.get("service") instanceof String service)
                || !NAME.matcher(service).matches()) {
            throw KoshiException.invalid("/service", "name the service: 1 to 64 of A-Z a-z 0-9 _ -");
        }
        Object version = params.getOrDefault("version", "");
        if (!(version instanceof String text) || text.length() > 64) {
            throw KoshiException.invalid("/version", "a text of at most 64 characters");
        }
        return new Registration(
                service,
                text,
                methods(params.get("methods"), service),
                texts(params.get("events"), "/events"),
                texts(params.get("subscriptions"), "/subscriptions"));
    }

    private static List<MethodInfo> methods(Object value, String service) {
        List<MethodInfo> methods = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Object each : list(value, "/methods")) {
            String at = "/methods/" + methods.size();
            MethodInfo method = each instanceof Map<?, ?> map
                    ? method(map, at, service)
                    : method(each == null ? Map.of() : Map.of("name", each), at, service);
            if (!names.add(method.name())) {
                throw KoshiException.invalid(at, "stands here twice");
            }
            methods.add(method);
        }
        return methods;
    }

    private static MethodInfo method(Map<?, ?> map, String at, String service) {
        if (!(map.get("name") instanceof String name) || !METHOD.matcher(name).matches()) {
            throw KoshiException.invalid(at, "a method's name is noun.verb, of A-Z a-z 0-9 _ -");
        }
        String summary = map.get("summary") instanceof String told ? told : "A method of the service " + service + ".";
        return new MethodInfo(
                name,
                summary.length() > 500 ? summary.substring(0, 500) : summary,
                scope(map.get("scope"), at),
                schema(map.get("params"), at + "/params"),
                schema(map.get("result"), at + "/result"),
                service);
    }

    private static Scope scope(Object value, String at) {
        if (value == null) {
            return Scope.WRITE;
        }
        for (Scope scope : Scope.values()) {
            if (scope.name().toLowerCase(Locale.ROOT).equals(value)) {
                return scope;
            }
        }
        throw KoshiException.invalid(at + "/scope", "is read, write or admin");
    }

    private static Map<String, Object> schema(Object value, String at) {
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw KoshiException.invalid(at, "is a JSON Schema, an object");
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        map.forEach((key, one) -> schema.put(String.valueOf(key), one));
        return schema;
    }

    /** @throws KoshiException INVALID_PARAMS when it is no list of texts; null is an empty one */
    static List<String> texts(Object value, String at) {
        List<?> list = list(value, at);
        if (!list.stream().allMatch(each -> each instanceof String text && !text.isEmpty() && text.length() <= 256)) {
            throw KoshiException.invalid(at, "is a list of names");
        }
        return list.stream().map(String.class::cast).toList();
    }

    private static List<?> list(Object value, String at) {
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> list) || list.size() > MOST) {
            throw KoshiException.invalid(at, "is a list of at most " + MOST);
        }
        return list;
    }
}
