package io.koshi.config;

import io.koshi.api.KoshiException;
import java.util.Locale;

/** A number of bytes, written as {@code 512}, {@code 8MB} or {@code 1GiB}; MB and MiB both mean 1024 × 1024. */
public record ByteSize(long bytes) {
    /** Read by the codec where a record has this type. */
    public static ByteSize parse(String text) {
        String s = text.strip().toUpperCase(Locale.ROOT);
        int end = 0;
        while (end < s.length() && Character.isDigit(s.charAt(end))) {
            end++;
        }
        if (end == 0 || end > 12) {
            throw KoshiException.invalid("", "write a size as 512, 64KB, 8MB or 1GB, not '" + text + "'");
        }
        long number = Long.parseLong(s.substring(0, end));
        return switch (s.substring(end).strip()) {
            case "", "B" -> new ByteSize(number);
            case "K", "KB", "KIB" -> new ByteSize(number << 10);
            case "M", "MB", "MIB" -> new ByteSize(number << 20);
            case "G", "GB", "GIB" -> new ByteSize(number << 30);
            default -> throw KoshiException.invalid("", "write a size as 512, 64KB, 8MB or 1GB, not '" + text + "'");
        };
    }

    @Override
    public String toString() {
        if (bytes >= 1L << 30 && bytes % (1L << 30) == 0) {
            return (bytes >> 30) + "GB";
        }
        if (bytes >= 1L << 20 && bytes % (1L << 20) == 0) {
            return (bytes >> 20) + "MB";
        }
        return Long.toString(bytes);
    }
}
