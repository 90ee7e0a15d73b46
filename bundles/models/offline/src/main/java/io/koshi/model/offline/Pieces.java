package io.koshi.model.offline;

import java.util.ArrayList;
import java.util.List;

/** Cuts an answer into pieces that are pleasant to watch: a line, or part of a long one, at a time. */
final class Pieces {
    private static final int LONGEST = 160;

    private Pieces() {}

    /** Joined, they are the text again. */
    static List<String> of(String text) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int end = Math.min(from + LONGEST, text.length());
            int line = text.indexOf('\n', from);
            if (line >= 0 && line < end) {
                end = line + 1;
            } else if (end < text.length()) {
                int space = text.lastIndexOf(' ', end - 1);
                end = space > from ? space + 1 : Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
            }
            pieces.add(text.substring(from, end));
            from = end;
        }
        return pieces;
    }
}
