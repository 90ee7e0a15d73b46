package io.koshi.codec.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import java.util.ArrayList;
import java.util.List;

/** Gathers what is wrong with an input, so that a person can mend all of it at once. Confined to one call. */
final class Faults {
    private static final int MOST = 50;

    private final List<Problem> problems = new ArrayList<>(0);
    private int count;

    void add(Place at, String problem) {
        add(new Problem(at.toString(), problem));
    }

    void add(Problem problem) {
        if (count++ < MOST) {
            problems.add(problem);
        }
    }

    int count() {
        return count;
    }

    /** Throws INVALID_PARAMS when anything is wrong. */
    void raise() {
        if (count == 0) {
            return;
        }
        Problem first = problems.get(0);
        String message = (first.path().isEmpty() ? "" : first.path() + ": ") + first.problem();
        String more = count == 1 ? "" : " (and " + (count - 1) + " more)";
        throw new KoshiException(ErrorCode.INVALID_PARAMS, message + more, problems);
    }
}
