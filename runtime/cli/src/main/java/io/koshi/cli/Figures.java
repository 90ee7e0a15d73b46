package io.koshi.cli;

/** Figures as people read them. */
final class Figures {
    private Figures() {}

    /** Milliseconds as the two largest units: {@code 3 h 12 min}. */
    static String words(Object ms) {
        if (!(ms instanceof Number number)) {
            return "?";
        }
        long seconds = number.longValue() / 1000;
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        if (seconds < 86400) {
            return seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
        }
        return seconds / 86400 + " d " + seconds % 86400 / 3600 + " h";
    }

    /** Bytes in the largest unit that leaves at least one: {@code 12 MB}. */
    static String bytes(Object bytes) {
        if (!(bytes instanceof Number number)) {
            return "?";
        }
        long value = number.longValue();
        String[] units = {"B", "KB", "MB", "GB", "TB"};
        int unit = 0;
        while (value >= 10_240 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return value + " " + units[unit];
    }
}
