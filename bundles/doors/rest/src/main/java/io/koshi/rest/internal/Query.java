package io.koshi.rest.internal;

import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parameters of a method as a query string spells them: text as it is, numbers and booleans as JSON does, a list by
 * naming it again, an object as JSON text. What the schema does not know is left to the method to refuse.
 */
final class Query {
    private final Codec codec;

    Query(Codec codec) {
        this.codec = codec;
    }

    /**
     * @param query as in the URL, null where there is none
     * @param schema of the parameters
     * @throws KoshiException INVALID_PARAMS for what cannot be read as its type or stands twice
     */
    Map<String, Object> params(String query, Map<String, Object> schema) {
        if (query == null || query.isEmpty()) {
            return Map.of();
        }
        Map<?, ?> properties = schema.get("properties") instanceof Map<?, ?> known ? known : Map.of();
        Map<String, Object> params = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            String text = equals < 0 ? "" : decode(pair.substring(equals + 1));
            Map<?, ?> property = properties.get(name) instanceof Map<?, ?> one ? one : Map.of();
            if (is(property, "array")) {
                list(params, name).add(value(name, text, property.get("items") instanceof Map<?, ?> m ? m : Map.of()));
            } else if (params.put(name, value(name, text, property)) != null) {
                throw KoshiException.invalid("/" + name, "stands twice in the query");
            }
        }
        return params;
    }

    @SuppressWarnings("unchecked")
    private static List<Object> list(Map<String, Object> params, String name) {
        return (List<Object>) params.computeIfAbsent(name, key -> new ArrayList<>());
    }

    private Object value(String name, String text, Map<?, ?> schema) {
        if (is(schema, "string")) {
            return text;
        }
        if (is(schema, "integer") || is(schema, "number")) {
            return number(name, text);
        }
        if (is(schema, "boolean")) {
            return switch (text) {
                case "true" -> true;
                case "false" -> false;
                default -> throw KoshiException.invalid("/" + name, "must be true or false");
            };
        }
        if (is(schema, "object") || is(schema, "array")) {
            return json(name, text);
        }
        return text;
    }

    private Object number(String name, String text) {
        try {
            BigDecimal number = new BigDecimal(text.length() > 40 ? "x" : text);
            if (number.precision() - number.scale() > 40 || number.scale() > 40) {
                throw new NumberFormatException();
            }
            return number.stripTrailingZeros().scale() <= 0
                            && number.toBigInteger().bitLength() < Long.SIZE
                    ? (Object) number.longValueExact()
                    : number.doubleValue();
        } catch (NumberFormatException e) {
            throw KoshiException.invalid("/" + name, "must be a number");
        }
    }

    private Object json(String name, String text) {
        try {
            return codec.parseJson(text.getBytes(StandardCharsets.UTF_8));
        } catch (KoshiException e) {
            throw KoshiException.invalid("/" + name, "must be JSON text: " + e.getMessage());
        }
    }

    /** Whether a schema allows a type; that of an alternative counts as well. */
    private static boolean is(Map<?, ?> schema, String type) {
        Object types = schema.get("type");
        return types instanceof Collection<?> several ? several.contains(type) : type.equals(types);
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw KoshiException.invalid("", "the query is not encoded as a URL is: " + e.getMessage());
        }
    }
}
