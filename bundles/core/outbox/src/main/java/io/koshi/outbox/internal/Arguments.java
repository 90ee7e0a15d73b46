package io.koshi.outbox.internal;

import io.koshi.api.KoshiException;
import io.koshi.api.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks the arguments of this room's rule actions. */
final class Arguments {
    private Arguments() {}

    /** What keeps a value from being a map of these texts, all of them needed. */
    static List<Problem> texts(Object argument, Set<String> names) {
        List<Problem> problems = new ArrayList<>();
        if (!(argument instanceof Map<?, ?> map)) {
            problems.add(new Problem(
                    "", "write {" + String.join(": …, ", names.stream().sorted().toList()) + ": …}"));
            return problems;
        }
        names.stream()
                .sorted()
                .filter(name -> !map.containsKey(name))
                .forEach(name -> problems.add(new Problem("", "'" + name + "' is missing")));
        map.forEach((key, value) -> {
            if (!names.contains(String.valueOf(key))) {
                problems.add(new Problem(
                        "/" + key,
                        "there is no '" + key + "' here, only "
                                + names.stream().sorted().toList()));
            } else if (value == null
                    || value instanceof Map
                    || value instanceof List
                    || String.valueOf(value).isBlank()) {
                problems.add(new Problem("/" + key, "write a text"));
            }
        });
        return problems;
    }

    static void require(List<Problem> problems) {
        if (!problems.isEmpty()) {
            Problem first = problems.get(0);
            throw KoshiException.invalid(first.path(), first.problem());
        }
    }
}
