package io.koshi.service.exec;

/** The beginning and the end of what a program prints, however much it is. Thread-safe. */
final class Kept {
    private final int half;
    private final StringBuilder head = new StringBuilder();
    private final StringBuilder tail = new StringBuilder();
    private long size;

    /** @param most characters kept */
    Kept(int most) {
        this.half = most / 2;
    }

    /** @return how much was printed so far */
    synchronized long add(String more) {
        size += more.length();
        int fits = Math.min(more.length(), half - head.length());
        head.append(more, 0, fits);
        tail.append(more, fits, more.length());
        if (tail.length() > 2 * half) {
            tail.delete(0, tail.length() - half);
        }
        return size;
    }

    synchronized String text() {
        int from = Math.max(0, tail.length() - half);
        long left = size - head.length() - (tail.length() - from);
        return left == 0
                ? head + tail.toString()
                : head + "\n[… " + left + " characters are left out here …]\n" + tail.substring(from);
    }
}
