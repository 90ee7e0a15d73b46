package io.koshi.auth.internal;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * A token somebody was given, of which only the digest is known.
 *
 * @param id part of the token itself; another one after a rotation
 * @param digest SHA-256 of the whole token
 * @param createdBy the name of the caller who granted it
 */
record Token(
        String id,
        String name,
        byte[] digest,
        Set<String> scopes,
        Instant createdAt,
        String createdBy,
        Optional<Instant> expiresAt) {

    /** Its secret, as it is shown once. */
    record Fresh(Token token, String secret) {}

    boolean holdsAt(Instant now) {
        return expiresAt.map(now::isBefore).orElse(true);
    }
}
