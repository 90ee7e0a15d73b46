package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import java.util.List;

/** Says of what is wrong with a part where in the whole it stands. */
final class Paths {
    private Paths() {}

    static KoshiException under(String path, KoshiException e) {
        List<Problem> details = under(path, e.details());
        return details.isEmpty()
                ? KoshiException.invalid(path, e.getMessage())
                : new KoshiException(
                        e.code(), details.get(0).path() + ": " + details.get(0).problem(), details);
    }

    static List<Problem> under(String path, List<Problem> problems) {
        return problems.stream()
                .map(p -> new Problem(p.path().startsWith(path) ? p.path() : path + p.path(), p.problem()))
                .toList();
    }
}
