package io.koshi.http;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** The Retry-After header (RFC 9110, 10.2.3): seconds, also a fraction of them, or a date. */
public final class RetryAfter {
    private static final Duration LONGEST = Duration.ofHours(1);

    private RetryAfter() {}

    /** How long an answer's headers ask to wait, at most an hour; empty when they say nothing readable. */
    public static Optional<Duration> of(HttpHeaders headers) {
        return headers.firstValue("retry-after").flatMap(value -> parse(value, Instant.now()));
    }

    /**
     * How long to wait, at most an hour; empty when the text says nothing readable.
     *
     * @param now what a date is counted from
     */
    public static Optional<Duration> parse(String header, Instant now) {
        String text = header.strip();
        try {
            return Optional.of(bounded(
                    text.matches("\\d{1,12}(\\.\\d{1,9})?")
                            ? Duration.ofMillis((long) (Double.parseDouble(text) * 1000))
                            : Duration.between(
                                    now,
                                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                                            .toInstant())));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Duration bounded(Duration wait) {
        return wait.isNegative() ? Duration.ZERO : wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
