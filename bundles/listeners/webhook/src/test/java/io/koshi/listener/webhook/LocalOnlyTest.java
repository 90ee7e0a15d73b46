package io.koshi.listener.webhook;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.koshi.api.KoshiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalOnlyTest {
    @ParameterizedTest
    @CsvSource({"localhost,", "127.0.0.1:3000,", "[::1]:3000,", "LOCALHOST:1, http://localhost:8080"})
    void letsProgramsOfThisMachineIn(String host, String origin) {
        assertThatCode(() -> LocalOnly.check(host, origin)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"evil.example,", "127.0.0.1.evil.example,", "localhost, https://evil.example", "localhost, null", "a b,"
    })
    void keepsWebPagesOut(String host, String origin) {
        assertThatThrownBy(() -> LocalOnly.check(host, origin)).isInstanceOf(KoshiException.class);
    }

    @Test
    void keepsAGuestWithoutAHostOut() {
        assertThatThrownBy(() -> LocalOnly.check(null, null)).isInstanceOf(KoshiException.class);
    }
}
