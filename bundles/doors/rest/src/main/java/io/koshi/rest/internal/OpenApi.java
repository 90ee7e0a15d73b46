package io.koshi.rest.internal;

import io.koshi.api.ErrorCode;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.rpc.MethodInfo;
import io.koshi.rpc.Registry;
import io.koshi.rpc.Scope;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The document of OpenAPI 3.1 about every method the hub has now; made again when methods have come or gone. Its
 * schemas are the registry's own: 3.1 and they speak the same JSON Schema (2020-12). Thread-safe.
 */
final class OpenApi {
    private static final String PROBLEM = "#/components/responses/Problem";

    private final Registry registry;
    private final Settings settings;
    private final Codec codec;
    private volatile Edition latest;

    /**
     * What was made of these methods.
     *
     * @param tag an entity tag (RFC 9110)
     */
    record Edition(List<MethodInfo> methods, byte[] json, String tag) {}

    OpenApi(Registry registry, Settings settings, Codec codec) {
        this.registry = registry;
        this.settings = settings;
        this.codec = codec;
    }

    Edition latest() {
        List<MethodInfo> methods = registry.methods();
        Edition known = latest;
        if (known == null || !same(known.methods, methods)) {
            byte[] json = codec.json(document(methods));
            known = new Edition(methods, json, tag(json));
            latest = known;
        }
        return known;
    }

    /** An offer's description is one object for as long as it stands. */
    private static boolean same(List<MethodInfo> before, List<MethodInfo> now) {
        if (before.size() != now.size()) {
            return false;
        }
        for (int i = 0; i < now.size(); i++) {
            if (before.get(i) != now.get(i)) {
                return false;
            }
        }
        return true;
    }

    private Map<String, Object> document(List<MethodInfo> methods) {
        Map<String, Object> paths = new LinkedHashMap<>();
        Map<String, Object> nouns = new LinkedHashMap<>();
        Map<String, Object> results = new LinkedHashMap<>();
        for (MethodInfo method : methods) {
            Map<String, Object> path = new LinkedHashMap<>();
            if (method.scope() == Scope.READ) {
                path.put("get", looking(method));
            }
            path.put("post", posting(method));
            paths.put("/api/v1/" + method.name().replace('.', '/'), path);
            results.put(result(method), method.result());
            nouns.putIfAbsent(method.noun(), map("name", method.noun()));
        }
        return map(
                "openapi", "3.1.0",
                "info",
                        map(
                                "title",
                                settings.config().name(),
                                "version",
                                "v1",
                                "description",
                                "Every method of this hub. What may be called depends on the scopes of"
                                        + " the token: noun.read, noun.write, noun.admin."),
                "servers", List.of(map("url", "/")),
                "security", List.of(map("token", List.of()), map("session", List.of())),
                "tags", new ArrayList<>(nouns.values()),
                "paths", paths,
                "components", components(results));
    }

    private static Map<String, Object> looking(MethodInfo method) {
        Map<String, Object> operation = operation(method, method.name().replace('.', '_') + "_get");
        List<Object> parameters = new ArrayList<>();
        List<?> required = method.params().get("required") instanceof List<?> names ? names : List.of();
        if (method.params().get("properties") instanceof Map<?, ?> properties) {
            properties.forEach((name, schema) -> parameters.add(parameter((String) name, schema, required)));
        }
        if (!parameters.isEmpty()) {
            operation.put("parameters", parameters);
        }
        return operation;
    }

    private static Map<String, Object> parameter(String name, Object schema, List<?> required) {
        Map<String, Object> parameter = map("name", name, "in", "query", "required", required.contains(name));
        if (schema instanceof Map<?, ?> known && known.get("description") instanceof String description) {
            parameter.put("description", description);
        }
        if (schema instanceof Map<?, ?> known && "object".equals(known.get("type"))) {
            parameter.put("content", map("application/json", map("schema", schema)));
        } else {
            parameter.put("schema", schema);
        }
        return parameter;
    }

    private static Map<String, Object> posting(MethodInfo method) {
        Map<String, Object> operation = operation(method, method.name().replace('.', '_'));
        if (method.scope() != Scope.READ) {
            operation.put("parameters", List.of(map("$ref", "#/components/parameters/IdempotencyKey")));
        }
        boolean needed = method.params().get("required") instanceof List<?> names && !names.isEmpty();
        operation.put(
                "requestBody",
                map(
                        "required",
                        needed,
                        "content",
                        map(
                                "application/json",
                                map("schema", method.params(), "example", Example.of(method.params())))));
        return operation;
    }

    private static Map<String, Object> operation(MethodInfo method, String id) {
        String scope = method.noun() + "." + method.scope().name().toLowerCase(Locale.ROOT);
        return map(
                "operationId", id,
                "tags", List.of(method.noun()),
                "summary", method.summary(),
                "description", "Needs the scope `" + scope + "`.",
                "responses",
                        map(
                                "200",
                                map(
                                        "description",
                                        "Done.",
                                        "content",
                                        map(
                                                "application/json",
                                                map("schema", map("$ref", "#/components/schemas/" + result(method))))),
                                "default",
                                map("$ref", PROBLEM)));
    }

    /** The name of a method's result among the schemas. */
    private static String result(MethodInfo method) {
        return method.name().replace('.', '_') + "_result";
    }

    private static Map<String, Object> components(Map<String, Object> results) {
        Map<String, Object> schemas = new LinkedHashMap<>();
        Map<String, Object> text = map("type", "string");
        Map<String, Object> problem = map(
                "type", "object",
                "properties",
                        map(
                                "status", map("type", "integer", "description", "The HTTP status."),
                                "code", map("type", "string", "enum", codes()),
                                "detail", map("type", "string", "description", "A sentence for a person."),
                                "details",
                                        map(
                                                "type",
                                                "array",
                                                "items",
                                                map("type", "object", "properties", map("path", text, "problem", text)),
                                                "description",
                                                "What is wrong where, as JSON Pointers.")),
                "required", List.of("status", "code", "detail"));
        schemas.put("Problem", problem);
        schemas.putAll(results);
        return map(
                "securitySchemes",
                        map(
                                "token",
                                map("type", "http", "scheme", "bearer", "description", "koshi token create"),
                                "session",
                                map("type", "apiKey", "in", "cookie", "name", "koshi", "description", "koshi web")),
                "parameters",
                        map(
                                "IdempotencyKey",
                                map(
                                        "name",
                                        "Idempotency-Key",
                                        "in",
                                        "header",
                                        "required",
                                        false,
                                        "description",
                                        "The same request with the same key is done once; its answer is"
                                                + " kept for 24 hours.",
                                        "schema",
                                        map("type", "string", "minLength", 1, "maxLength", 255))),
                "schemas", schemas,
                "responses",
                        map(
                                "Problem",
                                map(
                                        "description",
                                        "Not done; the code says why.",
                                        "content",
                                        map(
                                                "application/problem+json",
                                                map("schema", map("$ref", "#/components/schemas/Problem"))))));
    }

    private static List<String> codes() {
        return Arrays.stream(ErrorCode.values()).map(Enum::name).toList();
    }

    private static String tag(byte[] json) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(json);
            return '"' + HexFormat.of().formatHex(digest, 0, 12) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    /** Names and values by turns, in this order. */
    private static Map<String, Object> map(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return map;
    }
}
