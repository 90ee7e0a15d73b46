package io.koshi.memory.internal;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The {@link SignBits} of all memories, searched from first to last: 100,000 of 1,024 bits are 13 MB and take one to
 * two milliseconds. Thread-safe.
 */
final class Neighbours {
    private final int words;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<Long, Integer> places = new HashMap<>();
    private long[] ids = new long[256];
    private long[] bits;
    private int size;

    Neighbours(int words) {
        this.words = words;
        this.bits = new long[ids.length * words];
    }

    int size() {
        lock.readLock().lock();
        try {
            return size;
        } finally {
            lock.readLock().unlock();
        }
    }

    void put(long id, long[] of) {
        lock.writeLock().lock();
        try {
            Integer place = places.get(id);
            if (place == null) {
                if (size == ids.length) {
                    ids = Arrays.copyOf(ids, size + size / 2);
                    bits = Arrays.copyOf(bits, ids.length * words);
                }
                place = size++;
                places.put(id, place);
                ids[place] = id;
            }
            System.arraycopy(of, 0, bits, place * words, words);
        } finally {
            lock.writeLock().unlock();
        }
    }

    void remove(long id) {
        lock.writeLock().lock();
        try {
            Integer place = places.remove(id);
            if (place != null && --size != place) {
                ids[place] = ids[size];
                System.arraycopy(bits, size * words, bits, place * words, words);
                places.put(ids[place], place);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** The ids of about {@code most} whose bits differ least, in no order. */
    long[] nearest(long[] to, int most) {
        lock.readLock().lock();
        try {
            short[] distances = new short[size];
            int[] histogram = new int[words * Long.SIZE + 1];
            for (int i = 0, at = 0; i < size; i++) {
                int differs = 0;
                for (int w = 0; w < words; w++) {
                    differs += Long.bitCount(bits[at++] ^ to[w]);
                }
                distances[i] = (short) differs;
                histogram[differs]++;
            }
            return within(distances, farthest(histogram, most), most);
        } finally {
            lock.readLock().unlock();
        }
    }

    private static int farthest(int[] histogram, int most) {
        int reached = 0;
        for (int distance = 0; distance < histogram.length; distance++) {
            reached += histogram[distance];
            if (reached >= most) {
                return distance;
            }
        }
        return histogram.length;
    }

    private long[] within(short[] distances, int farthest, int most) {
        long[] found = new long[Math.min(size, 2 * most)];
        int count = 0;
        for (int i = 0; i < size && count < found.length; i++) {
            if (distances[i] <= farthest) {
                found[count++] = ids[i];
            }
        }
        return Arrays.copyOf(found, count);
    }
}
