package io.koshi.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {
    private static final byte[] HELLO = "Hello, World!".getBytes(StandardCharsets.UTF_8);
    /** GitHub's own example: docs.github.com, "Validating webhook deliveries". */
    private static final String SECRET = "It's a Secret to Everybody";

    private static final String HEX = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    private final Signature signature = Signature.hmacSha256(SECRET);

    @Test
    void agreesWithGithubsPublishedExample() {
        assertThat(signature.of(HELLO)).isEqualTo(HEX);
        assertThat(signature.verifies("sha256=" + HEX, "sha256=", HELLO)).isTrue();
        assertThat(signature.verifies(" sha256=" + HEX.toUpperCase(Locale.ROOT) + " ", "sha256=", HELLO))
                .isTrue();
    }

    @Test
    void agreesWithRfc2202() {
        assertThat(Signature.hmacSha1("Jefe").of("what do ya want for nothing?".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }

    @Test
    void signsPartsAsIfTheyWereOne() {
        assertThat(signature.of("Hello, ".getBytes(StandardCharsets.UTF_8), "World!".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(HEX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha256=",
                HEX,
                "sha1=" + HEX,
                "sha256=" + HEX + "00",
                "sha256=0" + HEX,
                "sha256=zz7107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
                "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e18"
            })
    void refusesEverythingElse(String header) {
        assertThat(signature.verifies(header, "sha256=", HELLO)).isFalse();
        assertThat(signature.verifies(null, "sha256=", HELLO)).isFalse();
    }

    @Test
    void comparesSecrets() {
        assertThat(Signature.same("ä-secret", "ä-secret")).isTrue();
        assertThat(Signature.same("ä-secret", "a-secret")).isFalse();
        assertThat(Signature.same("secret", "secret2")).isFalse();
    }

    @Test
    void needsASecret() {
        assertThatThrownBy(() -> Signature.hmacSha256("")).isInstanceOf(IllegalArgumentException.class);
    }
}
