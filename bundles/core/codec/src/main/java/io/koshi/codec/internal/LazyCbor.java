package io.koshi.codec.internal;

import io.koshi.codec.RawCbor;
import java.nio.charset.StandardCharsets;
import java.util.AbstractMap;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/** A CBOR map as bytes, parsed when it is first read as a map. Thread-safe. */
final class LazyCbor extends AbstractMap<String, Object> implements RawCbor {
    private final byte[] bytes;

    /** As {@link CborScan#map} says; null also while nobody has asked for a part of what was scanned with the whole. */
    private volatile int[] members;

    private volatile Map<String, Object> parsed;

    private LazyCbor(byte[] bytes, int[] members) {
        this.bytes = bytes;
        this.members = members;
    }

    static LazyCbor of(byte[] item) {
        return new LazyCbor(item, CborScan.map(item));
    }

    @Override
    public byte[] cbor() {
        return bytes;
    }

    @Override
    public Object member(String name) {
        Map<String, Object> tree = parsed;
        if (tree != null) {
            return tree.get(name);
        }
        int[] known = members;
        if (known == null) {
            known = CborScan.map(bytes);
            members = known;
        }
        if (known == null) {
            return tree().get(name);
        }
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < known.length; i += 4) {
            if (Arrays.equals(bytes, known[i], known[i + 1], wanted, 0, wanted.length)) {
                byte[] item = Arrays.copyOfRange(bytes, known[i + 2], known[i + 3]);
                return (item[0] & 0xFF) >> 5 == 5 ? new LazyCbor(item, null) : Cbor.parse(item);
            }
        }
        return null;
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> tree() {
        Map<String, Object> tree = parsed;
        if (tree == null) {
            tree = Collections.unmodifiableMap((Map<String, Object>) Cbor.parse(bytes));
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
        return "CBOR map of " + bytes.length + " bytes";
    }
}
