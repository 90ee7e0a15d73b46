package io.koshi.rpc;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who asks: a name for the log and the scopes the hub has bound to it.
 *
 * @param name for example {@code socket}, {@code token:ci} or {@code plugin:telegram}
 * @param scopes {@code noun.read|write|admin}, {@code *.read} and the like, or {@code *} for all
 * @param connection the connection it speaks through, unique in this start of the hub; empty where each request has its
 *     own
 * @param credential what it came in by, where that can be taken back while it is here; a rotated token is another
 *     one. See {@code io.koshi.auth.Auth.onRevoked}
 */
public record Caller(String name, Set<String> scopes, String connection, Optional<String> credential) {
    private static final Pattern SCOPE = Pattern.compile("(?:\\*|[a-z][a-z0-9-]*)\\.(?:read|write|admin)|\\*");

    private static final List<String> INSIDE = List.of("memory", "task", "event");

    public Caller {
        scopes = Set.copyOf(scopes);
    }

    /** One who comes and goes with each request, and from whom nothing can be taken back. */
    public Caller(String name, Set<String> scopes) {
        this(name, scopes, "", Optional.empty());
    }

    /** The owner of the hub. */
    public static Caller admin(String name) {
        return new Caller(name, Set.of("*"));
    }

    /** The same authority under another name. */
    public Caller as(String itsName) {
        return new Caller(itsName, scopes, connection, credential);
    }

    /** The same authority for as long as this credential is not taken back. */
    public Caller by(String itsCredential) {
        return new Caller(name, scopes, connection, Optional.of(itsCredential));
    }

    /** The same through a connection; when that ends the door says so with {@link Registry#closed}. */
    public Caller through(String itsConnection) {
        return new Caller(name, scopes, itsConnection, credential);
    }

    /**
     * A program that the hub itself has started for a run, and that says so: of what this caller may, it keeps looking at
     * everything and writing down memories, tasks and events. It neither changes the hub, nor approves, runs tools, or
     * speaks for a person.
     */
    public Caller inside(String run) {
        Set<String> kept = new HashSet<>();
        for (String scope : scopes) {
            kept.add(scope.equals("*") ? "*.read" : scope.substring(0, scope.indexOf('.')) + ".read");
        }
        for (String noun : INSIDE) {
            if (may(noun, Scope.WRITE)) {
                kept.add(noun + ".write");
            }
        }
        return new Caller("run:" + run, kept, connection, credential);
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

    /**
     * Holds it against this caller that nobody hands on more than he has: whoever grants, approves, rotates or takes
     * back scopes asks here first, on every path.
     *
     * @param granted the scopes that are handed on
     * @throws KoshiException INVALID_PARAMS for what is no scope, FORBIDDEN for one this caller does not hold itself
     */
    public void mayGrant(Collection<String> granted) {
        for (String scope : granted) {
            if (!SCOPE.matcher(scope).matches()) {
                throw KoshiException.invalid(
                        "/scopes", "'" + scope + "' is no scope; write noun.read, noun.write, noun.admin, *.read or *");
            }
            int dot = scope.indexOf('.');
            String noun = dot < 0 ? "*" : scope.substring(0, dot);
            Scope access = dot < 0
                    ? Scope.ADMIN
                    : Scope.valueOf(scope.substring(dot + 1).toUpperCase(Locale.ROOT));
            if (!may(noun, access)) {
                throw new KoshiException(
                        ErrorCode.FORBIDDEN,
                        name + " does not hold " + scope + ", so it cannot hand it on; ask someone who does");
            }
        }
    }
}
