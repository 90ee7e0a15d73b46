package io.koshi.router.internal;

import io.koshi.api.Problem;
import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with rules and where. Confined to the compiling thread. */
final class Faults {
    private final List<Problem> problems = new ArrayList<>();

    void add(String path, String problem) {
        problems.add(new Problem(path, problem));
    }

    List<Problem> problems() {
        return List.copyOf(problems);
    }

    /** A name as a step of a JSON Pointer (RFC 6901). */
    static String step(String name) {
        return "/" + name.replace("~", "~0").replace("/", "~1");
    }

    /** The name that was probably meant, as the end of a sentence; "" when none is near. */
    static String nearest(String wrong, Iterable<String> names) {
        String best = null;
        int least = Math.max(2, wrong.length() / 3) + 1;
        for (String name : names) {
            int distance = distance(wrong, name);
            if (distance < least) {
                least = distance;
                best = name;
            }
        }
        return best == null ? "." : "; did you mean '" + best + "'?";
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = corner + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(above, row[j - 1]) + 1);
                corner = above;
            }
        }
        return row[b.length()];
    }
}
