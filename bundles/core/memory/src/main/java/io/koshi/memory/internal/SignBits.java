package io.koshi.memory.internal;

import java.util.SplittableRandom;

/**
 * Makes a few longs of a vector whose differing bits tell the angle between two: the signs after a random rotation
 * (Charikar 2002; the rotation by Hadamard transforms and random signs as in Ailon and Chazelle 2006). The same in
 * every process, since bits are kept. Thread-safe.
 */
final class SignBits {
    private static final int LEAST_BITS = 1024;
    private static final int MIXES = 2;

    private final int size;
    private final boolean[][] flips;

    /** @param dimensions of the vectors */
    SignBits(int dimensions) {
        this.size = Math.max(64, Integer.highestOneBit(Math.max(1, dimensions - 1)) << 1);
        int rotations = Math.max(1, LEAST_BITS / size);
        SplittableRandom random = new SplittableRandom(20_021_115);
        this.flips = new boolean[rotations * MIXES][size];
        for (boolean[] flip : flips) {
            for (int i = 0; i < size; i++) {
                flip[i] = random.nextBoolean();
            }
        }
    }

    /** How many longs a vector becomes. */
    int words() {
        return flips.length / MIXES * size / Long.SIZE;
    }

    long[] of(float[] vector) {
        long[] bits = new long[words()];
        for (int rotation = 0; rotation < flips.length / MIXES; rotation++) {
            float[] turned = new float[size];
            System.arraycopy(vector, 0, turned, 0, Math.min(vector.length, size));
            for (int mix = 0; mix < MIXES; mix++) {
                flip(turned, flips[rotation * MIXES + mix]);
                hadamard(turned);
            }
            for (int i = 0; i < size; i++) {
                if (turned[i] > 0) {
                    int bit = rotation * size + i;
                    bits[bit / Long.SIZE] |= 1L << bit % Long.SIZE;
                }
            }
        }
        return bits;
    }

    private static void flip(float[] vector, boolean[] flips) {
        for (int i = 0; i < vector.length; i++) {
            if (flips[i]) {
                vector[i] = -vector[i];
            }
        }
    }

    private static void hadamard(float[] vector) {
        for (int half = 1; half < vector.length; half *= 2) {
            for (int block = 0; block < vector.length; block += 2 * half) {
                for (int i = block; i < block + half; i++) {
                    float a = vector[i];
                    float b = vector[i + half];
                    vector[i] = a + b;
                    vector[i + half] = a - b;
                }
            }
        }
    }
}
