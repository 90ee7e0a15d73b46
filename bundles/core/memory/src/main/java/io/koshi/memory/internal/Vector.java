package io.koshi.memory.internal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Vectors of unit length and their blobs: little-endian floats, little-endian longs. */
final class Vector {
    private Vector() {}

    /** The vector made one long; one of nothing but zeros stays as it is. */
    static float[] unit(float[] vector) {
        double squares = 0;
        for (float x : vector) {
            squares += (double) x * x;
        }
        float[] unit = vector.clone();
        if (squares > 0) {
            float scale = (float) (1 / Math.sqrt(squares));
            for (int i = 0; i < unit.length; i++) {
                unit[i] *= scale;
            }
        }
        return unit;
    }

    static byte[] blob(float[] vector) {
        ByteBuffer blob = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        blob.asFloatBuffer().put(vector);
        return blob.array();
    }

    static byte[] blob(long[] bits) {
        ByteBuffer blob = ByteBuffer.allocate(bits.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        blob.asLongBuffer().put(bits);
        return blob.array();
    }

    static long[] bits(byte[] blob) {
        long[] bits = new long[blob.length / Long.BYTES];
        ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(bits);
        return bits;
    }

    /** The cosine of a vector and one in a blob, both of unit length; 0 where they are of different spaces. */
    static double cosine(float[] a, byte[] blob) {
        if (blob.length != a.length * Float.BYTES) {
            return 0;
        }
        ByteBuffer b = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
        float sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b.getFloat(i * Float.BYTES);
        }
        return sum;
    }
}
