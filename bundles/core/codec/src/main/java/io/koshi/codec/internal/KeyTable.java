package io.koshi.codec.internal;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * The keys of one object being scanned, to find one that stands there twice. Hashed with a secret, so
 * that nobody can choose keys that collide. Confined to one call.
 */
final class KeyTable {
    private static final long SECRET = new SecureRandom().nextLong() | 1;
    private static final int SMALLEST = 32;

    /** Tells whether two keys, given by where they begin, say the same. */
    @FunctionalInterface
    interface Same {
        boolean keys(int one, int other);
    }

    private final Same same;
    private long[] hashes = new long[SMALLEST];
    private int[] keys = new int[SMALLEST];
    private int size;

    KeyTable(Same same) {
        this.same = same;
    }

    void clear() {
        if (size > 0) {
            Arrays.fill(keys, 0);
            size = 0;
        }
    }

    /** Adds the key that begins at an index; false when it was there. */
    boolean add(int key, long hash) {
        int slot = slot(key, hash);
        if (keys[slot] != 0) {
            return false;
        }
        keys[slot] = key;
        hashes[slot] = hash;
        if (++size * 2 > keys.length) {
            grow();
        }
        return true;
    }

    /** Where it is or would go; no key stands at index 0, since its object's brace does. */
    private int slot(int key, long hash) {
        int slot = (int) hash & keys.length - 1;
        while (keys[slot] != 0 && !(hashes[slot] == hash && (key == keys[slot] || same.keys(key, keys[slot])))) {
            slot = slot + 1 & keys.length - 1;
        }
        return slot;
    }

    private void grow() {
        int[] old = keys;
        long[] known = hashes;
        keys = new int[old.length * 2];
        hashes = new long[old.length * 2];
        for (int i = 0; i < old.length; i++) {
            if (old[i] != 0) {
                int slot = slot(old[i], known[i]);
                keys[slot] = old[i];
                hashes[slot] = known[i];
            }
        }
    }

    static long hash(byte[] bytes, int from, int to) {
        long hash = SECRET ^ to - from;
        int i = from;
        for (; to - i >= 8; i += 8) {
            hash = mix(hash ^ Utf8.eight(bytes, i));
        }
        long rest = 0;
        for (; i < to; i++) {
            rest = rest << 8 | bytes[i] & 0xFF;
        }
        return mix(hash ^ rest);
    }

    /** Both halves of the product, so that no bit of the input can be made up for by another. */
    private static long mix(long value) {
        return Math.multiplyHigh(value, SECRET) ^ value * SECRET;
    }
}
