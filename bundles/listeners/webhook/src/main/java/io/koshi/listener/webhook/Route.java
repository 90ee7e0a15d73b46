package io.koshi.listener.webhook;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Signature;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One configured route.
 *
 * @param name the last part of its path
 * @param secret "" with {@code verify: none} only
 * @param signature present where the body is signed
 * @param idHeader the header that tells a repeat
 */
record Route(
        String name,
        Verify verify,
        String secret,
        Optional<Signature> signature,
        String header,
        String prefix,
        Optional<String> idHeader,
        Optional<Template> sender,
        Optional<Template> conversation,
        Optional<Template> text) {
    private static final int LONGEST_ID = 200;
    private static final Set<String> KEYS =
            Set.of("secret", "verify", "header", "prefix", "idHeader", "sender", "conversation", "text");

    /**
     * Reads a block under {@code routes}.
     *
     * @throws KoshiException what is wrong with it; the route must stay closed then
     */
    static Route of(String name, Map<String, Object> settings) {
        if (!name.matches("[A-Za-z0-9_-]{1,64}")) {
            throw KoshiException.invalid("/routes", "a route's name is 1 to 64 of A-Z a-z 0-9 _ -");
        }
        Set<String> unknown = new TreeSet<>(settings.keySet());
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw KoshiException.invalid(
                    "/routes/" + name, "unknown " + unknown + "; known are " + new TreeSet<>(KEYS));
        }
        Verify verify = Verify.of(text(settings, "verify").orElse("hmac-sha256"));
        String secret = text(settings, "secret").orElse("");
        if (verify != Verify.NONE && secret.isBlank()) {
            throw KoshiException.invalid("/routes/" + name, "it has no secret");
        }
        return new Route(
                name,
                verify,
                secret,
                verify.signature(secret),
                text(settings, "header").orElse(verify.header()),
                text(settings, "prefix").orElse(verify.prefix()),
                text(settings, "idHeader"),
                text(settings, "sender").map(Template::new),
                text(settings, "conversation").map(Template::new),
                text(settings, "text").map(Template::new));
    }

    private static Optional<String> text(Map<String, Object> settings, String key) {
        return Optional.ofNullable(settings.get(key)).map(String::valueOf);
    }

    /** Checks what can be checked before a body is read. */
    void checkBearer(String value) {
        if (verify == Verify.BEARER && !isSecret(value)) {
            throw unauthorized();
        }
    }

    private boolean isSecret(String value) {
        return value != null
                && value.regionMatches(true, 0, prefix, 0, prefix.length())
                && Signature.same(secret, value.substring(prefix.length()).strip());
    }

    void checkSignature(String value, byte[] body) {
        if (signature.isPresent() && !signature.get().verifies(value, prefix, body)) {
            throw unauthorized();
        }
    }

    private KoshiException unauthorized() {
        return new KoshiException(
                ErrorCode.UNAUTHORIZED, header + " is missing or wrong: both sides must have the same secret");
    }

    /** The message's external id: the sender's id under this route's name. */
    Optional<String> externalId(String value) {
        if (idHeader.isEmpty()) {
            return Optional.empty();
        }
        String id = value == null ? "" : value.strip();
        boolean good = !id.isEmpty() && id.length() <= LONGEST_ID && id.chars().allMatch(c -> c > ' ' && c < 127);
        if (!good) {
            throw KoshiException.invalid(
                    "", idHeader.get() + " must be 1 to " + LONGEST_ID + " visible ASCII characters");
        }
        return Optional.of(name + ":" + id);
    }
}
