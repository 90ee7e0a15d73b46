package io.koshi.api;

import java.security.SecureRandom;
import java.time.Instant;

/**
 * Makes identifiers that sort by time: 48 bits of milliseconds and 80 random bits as 26 Crockford
 * base-32 characters (the ULID specification), monotonic within one process. Thread-safe.
 */
public final class Ulid {
    private static final char[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".toCharArray();
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Object LOCK = new Object();

    private static long lastMillis;
    private static int high; // 16 random bits
    private static long low; // 64 random bits

    private Ulid() {}

    /** A new identifier, greater than every one this process made before. */
    public static String next() {
        long millis;
        int top;
        long bottom;
        synchronized (LOCK) {
            long now = System.currentTimeMillis();
            if (now > lastMillis) {
                lastMillis = now;
                long seed = RANDOM.nextLong();
                high = RANDOM.nextInt() & 0x7FFF;
                low = seed;
            } else if (++low == 0) {
                high++;
            }
            millis = lastMillis;
            top = high;
            bottom = low;
        }
        char[] text = new char[26];
        for (int i = 9; i >= 0; i--) {
            text[i] = ALPHABET[(int) (millis & 31)];
            millis >>>= 5;
        }
        // 80 bits, five at a time from the right: 64 in bottom, 16 in top
        for (int i = 25; i >= 10; i--) {
            text[i] = ALPHABET[(int) (bottom & 31)];
            bottom = (bottom >>> 5) | ((long) (top & 31) << 59);
            top >>>= 5;
        }
        return new String(text);
    }

    /** The moment an identifier was made, to the millisecond. */
    public static Instant time(String ulid) {
        long millis = 0;
        for (int i = 0; i < 10; i++) {
            int digit = new String(ALPHABET).indexOf(ulid.charAt(i));
            if (digit < 0) {
                throw new IllegalArgumentException("not a ULID: " + ulid);
            }
            millis = (millis << 5) | digit;
        }
        return Instant.ofEpochMilli(millis);
    }
}
