package io.koshi.rpc;

import java.util.Locale;
import java.util.Set;

/**
 * Who asks: a name for the log and the scopes the hub has bound to it.
 *
 * @param name for example {@code socket}, {@code token:ci} or {@code plugin:telegram}
 * @param scopes {@code noun.read|write|admin}, {@code *.read} and the like, or {@code *} for all
 * @param connection the connection it speaks through, unique in this start of the hub; empty where each request has its
 *     own
 */
public record Caller(String name, Set<String> scopes, String connection) {
    public Caller {
        scopes = Set.copyOf(scopes);
    }

    /** One who comes and goes with each request. */
    public Caller(String name, Set<String> scopes) {
        this(name, scopes, "");
    }

    /** The owner of the hub. */
    public static Caller admin(String name) {
        return new Caller(name, Set.of("*"));
    }

    /** The same through a connection; when that ends the door says so with {@link Registry#closed}. */
    public Caller through(String itsConnection) {
        return new Caller(name, scopes, itsConnection);
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
