package io.koshi.api;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds what somebody probably meant: the known word with the fewest edits (Levenshtein) to a given one. */
public final class Nearest {
    private static final int LONGEST = 200;
    private static final int SHOWN = 12;

    private Nearest() {}

    /** The closest candidate, empty when none shares at least half of the word. */
    public static Optional<String> to(String word, Collection<String> candidates) {
        if (word.length() > LONGEST) {
            return Optional.empty();
        }
        String best = null;
        int least = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int edits = distance(word, candidate);
            if (edits < least || edits == least && candidate.compareTo(best) < 0) {
                least = edits;
                best = candidate;
            }
        }
        return best != null && least <= Math.max(word.length(), best.length()) / 2
                ? Optional.of(best)
                : Optional.empty();
    }

    /** A hint to end an error with: {@code did you mean 'x'?} or what is valid. */
    public static String hint(String word, Collection<String> candidates) {
        return to(word, candidates).map(near -> "did you mean '" + near + "'?").orElseGet(() -> valid(candidates));
    }

    private static String valid(Collection<String> candidates) {
        if (candidates.isEmpty()) {
            return "none is known here";
        }
        List<String> sorted = candidates.stream().sorted().toList();
        String shown = sorted.stream().limit(SHOWN).collect(Collectors.joining(", "));
        return "valid: " + shown + (sorted.size() > SHOWN ? ", …" : "");
    }

    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, 1 + Math.min(above[j], row[j - 1]));
            }
            int[] free = above;
            above = row;
            row = free;
        }
        return above[b.length()];
    }
}
