package io.koshi.listener.webhook;

import io.koshi.api.KoshiException;
import io.koshi.api.Signature;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** How a route knows that a request comes from whom it says. */
enum Verify {
    HMAC_SHA256("hmac-sha256", "X-Signature-256", "sha256=", Signature::hmacSha256),
    HMAC_SHA1("hmac-sha1", "X-Signature", "sha1=", Signature::hmacSha1),
    BEARER("bearer", "Authorization", "Bearer ", null),
    NONE("none", "", "", null);

    private final String word;
    private final String header;
    private final String prefix;
    private final Function<String, Signature> signature;

    Verify(String word, String header, String prefix, Function<String, Signature> signature) {
        this.word = word;
        this.header = header;
        this.prefix = prefix;
        this.signature = signature;
    }

    static Verify of(String word) {
        return Arrays.stream(values())
                .filter(one -> one.word.equals(word))
                .findFirst()
                .orElseThrow(() -> KoshiException.invalid(
                        "/verify", "'" + word + "' is none of hmac-sha256, hmac-sha1, bearer, none"));
    }

    /** The header looked at where the route names none. */
    String header() {
        return header;
    }

    /** What stands before the value where the route names nothing else. */
    String prefix() {
        return prefix;
    }

    Optional<Signature> signature(String secret) {
        return signature == null ? Optional.empty() : Optional.of(signature.apply(secret));
    }
}
