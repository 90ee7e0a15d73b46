package io.koshi.rpc;

import java.util.Locale;
import java.util.Set;

/**
 * Who asks: a name for the log and the scopes the hub has bound to it.
 *
 * @param name for example {@code socket}, {@code token:ci} or {@code plugin:telegram}
 * @param scopes {@code noun.read|write|admin}, {@code *.read} and the like, or {@code *} for all
 */
public record Caller(String name, Set<String> scopes) {
    public Caller {
        scopes = Set.copyOf(scopes);
    }

    /** The owner of the hub. */
    public static Caller admin(String name) {
        return new Caller(name, Set.of("*"));
    }

    /** Whether this caller may do {@code scope} on {@code noun}. */
    public boolean may(String noun, Scope scope) {
        if (scopes.contains("*")) {
            return true;
        }
        for (Scope held : Scope.values()) {
            if (held.compareTo(scope) >= 0) {
                String access = "." + held.name().toLowerCase(Locale.ROOT);
                if (scopes.contains(noun + access) || scopes.contains("*" + access)) {
                    return true;
                }
            }
        }
        return false;
    }
}
