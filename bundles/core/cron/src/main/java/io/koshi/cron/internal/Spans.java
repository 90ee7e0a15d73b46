package io.koshi.cron.internal;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads lengths of time as people write them: {@code 2h30m}, {@code 10 minutes}, {@code 1 hour and 5 min}. */
final class Spans {
    private static final Pattern PIECE = Pattern.compile(
            "(\\d{1,9}\\s*|an?\\s+)(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)(?![a-z])\\s*(?:,|and)?\\s*");

    private Spans() {}

    /** Empty when the text is anything else. */
    static Optional<Duration> parse(String text) {
        Matcher matcher = PIECE.matcher(text.strip().toLowerCase(Locale.ROOT));
        Duration sum = Duration.ZERO;
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            sum = sum.plus(piece(matcher));
            end = matcher.end();
        }
        return end > 0 && end == text.strip().length() ? Optional.of(sum) : Optional.empty();
    }

    /** How far into {@code text}, which is in lower case, a length of time reaches; 0 where none begins. */
    static int reach(String text) {
        Matcher matcher = PIECE.matcher(text);
        int end = 0;
        while (matcher.find() && matcher.start() == end) {
            end = matcher.end();
        }
        return end;
    }

    private static Duration piece(Matcher matcher) {
        long n = matcher.group(1).startsWith("a")
                ? 1
                : Long.parseLong(matcher.group(1).strip());
        return switch (matcher.group(2).charAt(0)) {
            case 's' -> Duration.ofSeconds(n);
            case 'm' -> Duration.ofMinutes(n);
            case 'h' -> Duration.ofHours(n);
            case 'd' -> Duration.ofDays(n);
            default -> Duration.ofDays(7 * n);
        };
    }
}
