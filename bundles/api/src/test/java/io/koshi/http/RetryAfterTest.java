package io.koshi.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private static final Instant NOW = Instant.parse("2015-10-21T07:27:30Z");

    @Test
    void readsSecondsAndTheirFractions() {
        assertThat(RetryAfter.parse(" 120 ", NOW)).hasValue(Duration.ofMinutes(2));
        assertThat(RetryAfter.parse("0.25", NOW)).hasValue(Duration.ofMillis(250));
    }

    @Test
    void readsADate() {
        assertThat(RetryAfter.parse("Wed, 21 Oct 2015 07:28:00 GMT", NOW)).hasValue(Duration.ofSeconds(30));
        assertThat(RetryAfter.parse("Tue, 20 Oct 2015 07:28:00 GMT", NOW)).hasValue(Duration.ZERO);
    }

    @Test
    void waitsAnHourAtMost() {
        assertThat(RetryAfter.parse("999999999", NOW)).hasValue(Duration.ofHours(1));
        assertThat(RetryAfter.parse("Thu, 22 Oct 2015 07:28:00 GMT", NOW)).hasValue(Duration.ofHours(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-5", "1e9", "NaN", "99999999999999999999"})
    void makesNothingOfWhatItCannotRead(String header) {
        assertThat(RetryAfter.parse(header, NOW)).isEmpty();
    }
}
