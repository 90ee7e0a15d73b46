package io.koshi.config.internal;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fills {@code ${VAR}} and {@code ${secrets.name}} into a text; {@code $${} stands for a plain {@code ${}. What is filled
 * in is not looked at again.
 *
 * @param lookup the value of a name, {@code VAR} or {@code secrets.a.b}; empty when unset
 */
record Interpolation(Function<String, Optional<String>> lookup) {
    private static final Pattern REFERENCE = Pattern.compile("(\\$?)\\$\\{([^}]*)(}?)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*|secrets(\\.[A-Za-z0-9_-]+)+");

    /** Leaves every text as it is. */
    static final Interpolation NONE = new Interpolation(null);

    /** @param filled whether something was filled in, which is then not to be shown */
    record Result(String text, boolean filled) {}

    /** @throws IllegalArgumentException with a sentence that names the variable */
    Result apply(String text) {
        if (lookup == null || text.indexOf("${") < 0) {
            return new Result(text, false);
        }
        StringBuilder out = new StringBuilder();
        boolean filled = false;
        int from = 0;
        Matcher found = REFERENCE.matcher(text);
        while (found.find(from)) {
            out.append(text, from, found.start());
            if (found.group(1).isEmpty()) {
                out.append(value(found.group(2), !found.group(3).isEmpty()));
                filled = true;
                from = found.end();
            } else {
                out.append("${");
                from = found.start() + 3;
            }
        }
        return new Result(out.append(text, from, text.length()).toString(), filled);
    }

    private String value(String name, boolean closed) {
        if (!closed || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "write a reference as ${NAME} or ${secrets.name}, and a plain '${' as '$${'");
        }
        return lookup.apply(name).orElseThrow(() -> new IllegalArgumentException(unset(name)));
    }

    private static String unset(String name) {
        return name.startsWith("secrets.")
                ? "the secret ${" + name + "} is not in secrets.yaml; add it with 'koshi secret set "
                        + name.substring("secrets.".length()) + "'"
                : "the variable ${" + name + "} is not set in the environment";
    }
}
