package io.koshi.codec.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.koshi.codec.RawObject;
import java.io.IOException;
import java.util.AbstractMap;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A JSON object as text, parsed when it is first read as a map. Thread-safe. */
final class LazyObject extends AbstractMap<String, Object> implements RawObject {
    private final byte[] raw;
    private volatile Map<String, Object> parsed;

    private LazyObject(byte[] raw) {
        this.raw = raw;
    }

    static LazyObject of(byte[] utf8) {
        WellFormed.object(utf8);
        return new LazyObject(utf8);
    }

    @Override
    public byte[] raw() {
        return raw;
    }

    @Override
    public Object scalar(String... path) {
        Map<String, Object> tree = parsed;
        return tree != null ? find(tree, path) : Json.read(raw, false, parser -> find(parser, path));
    }

    private static Object find(Object tree, String[] path) {
        Object here = tree;
        for (String step : path) {
            if (here instanceof Map<?, ?> map) {
                here = map.get(step);
            } else if (here instanceof List<?> list) {
                int index = index(step);
                here = index >= 0 && index < list.size() ? list.get(index) : null;
            } else {
                return null;
            }
        }
        return here instanceof Map || here instanceof List ? null : here;
    }

    private static Object find(JsonParser parser, String[] path) throws IOException {
        JsonToken token = parser.nextToken();
        for (String step : path) {
            boolean found = token == JsonToken.START_OBJECT
                    ? member(parser, step)
                    : token == JsonToken.START_ARRAY && item(parser, index(step));
            if (!found) {
                return null;
            }
            token = parser.currentToken();
        }
        return token.isScalarValue() ? Json.scalar(parser) : null;
    }

    /** Moves to the value of a member of the object the parser stands at. */
    private static boolean member(JsonParser parser, String name) throws IOException {
        for (String one = parser.nextFieldName(); one != null; one = parser.nextFieldName()) {
            parser.nextToken();
            if (one.equals(name)) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }

    private static boolean item(JsonParser parser, int index) throws IOException {
        if (index < 0) {
            return false;
        }
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            if (i == index) {
                return true;
            }
            parser.skipChildren();
        }
        return false;
    }

    /** The place in a list that a step of a path names, -1 where it names none. */
    private static int index(String step) {
        boolean digits = !step.isEmpty() && step.length() <= 9 && step.chars().allMatch(c -> c >= '0' && c <= '9');
        return digits ? Integer.parseInt(step) : -1;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> tree() {
        Map<String, Object> tree = parsed;
        if (tree == null) {
            tree = Collections.unmodifiableMap((Map<String, Object>) Json.parse(raw));
            parsed = tree;
        }
        return tree;
    }

    @Override
    public Object get(Object key) {
        return tree().get(key);
    }

    @Override
    public boolean containsKey(Object key) {
        return tree().containsKey(key);
    }

    @Override
    public int size() {
        return tree().size();
    }

    @Override
    public Set<String> keySet() {
        return tree().keySet();
    }

    @Override
    public Collection<Object> values() {
        return tree().values();
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return tree().entrySet();
    }

    /** Its size only: what came from outside has no place in a log. */
    @Override
    public String toString() {
        return "JSON object of " + raw.length + " bytes";
    }
}
