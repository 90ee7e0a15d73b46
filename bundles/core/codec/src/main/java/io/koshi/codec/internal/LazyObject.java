package io.koshi.codec.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.koshi.codec.RawObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A JSON object as text, parsed when it is first read as a map. Thread-safe. */
final class LazyObject extends AbstractMap<String, Object> implements RawObject {
    private final byte[] raw;

    /** As {@link JsonScan#object} says; null while nobody has asked for a part of what was scanned with the whole. */
    private volatile int[] members;

    private volatile Map<String, Object> parsed;

    private LazyObject(byte[] raw, int[] members) {
        this.raw = raw;
        this.members = members;
    }

    static LazyObject of(byte[] utf8) {
        return new LazyObject(utf8, JsonScan.object(utf8));
    }

    private int[] members() {
        int[] known = members;
        if (known == null) {
            known = JsonScan.object(raw);
            members = known;
        }
        return known;
    }

    @Override
    public Object member(String name) {
        Map<String, Object> tree = parsed;
        if (tree != null) {
            return tree.get(name);
        }
        int[] known = members();
        int at = memberAt(known, name);
        if (at < 0) {
            return hasEscapedKey(known) ? tree().get(name) : null;
        }
        int from = known[at + 2];
        int to = known[at + 3];
        return switch (raw[from]) {
            case '{' -> new LazyObject(Arrays.copyOfRange(raw, from, to), null);
            case '"' -> {
                String plain = plainText(from, to);
                yield plain != null ? plain : part(from, to);
            }
            default -> part(from, to);
        };
    }

    private Object part(int from, int to) {
        return Json.read(raw, from, to, parser -> {
            parser.nextToken();
            return Json.value(parser);
        });
    }

    /** A string without its quotes where nothing in it is escaped, else null. */
    private String plainText(int from, int to) {
        for (int i = from + 1; i < to - 1; i++) {
            if (raw[i] == '\\') {
                return null;
            }
        }
        return new String(raw, from + 1, to - from - 2, StandardCharsets.UTF_8);
    }

    private int memberAt(int[] known, String name) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < known.length; i += 4) {
            if (named(known, i, wanted)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public byte[] raw() {
        return raw;
    }

    @Override
    public Object scalar(String... path) {
        Map<String, Object> tree = parsed;
        if (tree != null || path.length == 0) {
            return find(tree, path);
        }
        int[] members = members();
        byte[] name = path[0].getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < members.length; i += 4) {
            if (named(members, i, name)) {
                return Json.read(raw, members[i + 2], members[i + 3], parser -> find(parser, path));
            }
        }
        return hasEscapedKey(members) ? find(tree(), path) : null;
    }

    @Override
    public Optional<RawObject> scalars(int mostBytes) {
        ByteArrayOutputStream text = new ByteArrayOutputStream(256);
        int[] members = members();
        int[] kept = new int[members.length];
        int count = 0;
        for (int i = 0; i < members.length; i += 4) {
            byte first = raw[members[i + 2]];
            if (first == '{' || first == '[') {
                continue;
            }
            text.write(count == 0 ? '{' : ',');
            for (int part = i; part < i + 4; part += 2) { // its key, then its value
                kept[count++] = text.size();
                text.write(raw, members[part], members[part + 1] - members[part]);
                kept[count++] = text.size();
                if (part == i) {
                    text.write(':');
                }
            }
            if (text.size() > mostBytes) {
                return Optional.empty();
            }
        }
        if (count == 0) {
            text.write('{');
        }
        text.write('}');
        return Optional.of(new LazyObject(text.toByteArray(), Arrays.copyOf(kept, count)));
    }

    private boolean named(int[] members, int member, byte[] name) {
        return Arrays.equals(raw, members[member] + 1, members[member + 1] - 1, name, 0, name.length);
    }

    private boolean hasEscapedKey(int[] members) {
        for (int i = 0; i < members.length; i += 4) {
            for (int at = members[i]; at < members[i + 1]; at++) {
                if (raw[at] == '\\') {
                    return true;
                }
            }
        }
        return false;
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

    /** Follows a path from its second step on, through the value of its first. */
    private static Object find(JsonParser parser, String[] path) throws IOException {
        JsonToken token = parser.nextToken();
        for (int i = 1; i < path.length; i++) {
            String step = path[i];
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
