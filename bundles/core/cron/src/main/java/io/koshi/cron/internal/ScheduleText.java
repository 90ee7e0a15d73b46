package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what a person wrote for a schedule. Confined to one call. */
final class ScheduleText {
    private static final int MAX_LENGTH = 500;
    private static final Duration LONGEST = Duration.ofDays(3660);
    private static final LocalDateTime SOME_DAY = LocalDateTime.of(2000, 1, 1, 0, 0);
    private static final Pattern WORD = Pattern.compile("\\S+");
    private static final Pattern LOCAL =
            Pattern.compile("(\\d{4}-\\d\\d-\\d\\d)[Tt ](\\d\\d:\\d\\d(?::\\d\\d)?)\\s*([Zz]|[+-]\\d\\d:\\d\\d)?");

    private static final Map<String, String> NICKNAMES = Map.of(
            "@yearly", "0 0 1 1 *",
            "@annually", "0 0 1 1 *",
            "@monthly", "0 0 1 * *",
            "@weekly", "0 0 * * 0",
            "@daily", "0 0 * * *",
            "@midnight", "0 0 * * *",
            "@hourly", "0 * * * *");

    private final String text;

    private ScheduleText(String text) {
        this.text = text;
    }

    static Schedule parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw wrong("a schedule has at most " + MAX_LENGTH + " characters");
        }
        return new ScheduleText(text).read();
    }

    /** What is wrong, as every reader of schedules says it. */
    static KoshiException wrong(String problem) {
        return KoshiException.invalid("/schedule", problem);
    }

    /** @param column counts from 1 */
    static KoshiException wrong(int column, String problem) {
        return wrong("column " + column + ": " + problem);
    }

    private Schedule read() {
        List<Word> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            words.add(new Word(matcher.group(), matcher.start() + 1));
        }
        if (words.isEmpty()) {
            throw wrong("says nothing; for example 30 7 * * *, @daily, every 10m or at 2026-12-01T09:00");
        }
        String first = words.get(0).text().toLowerCase(Locale.ROOT);
        return switch (first) {
            case "every", "@every" -> every(words);
            case "at" -> at(words);
            default -> first.startsWith("@") ? nickname(words) : calendar(words);
        };
    }

    private Schedule nickname(List<Word> words) {
        String name = words.get(0).text().toLowerCase(Locale.ROOT);
        if (words.size() > 1) {
            throw wrong(words.get(1).column(), "nothing stands after " + name);
        }
        if (name.equals("@reboot")) {
            return new Schedule.Reboot();
        }
        String fields = NICKNAMES.get(name);
        if (fields == null) {
            throw wrong(
                    words.get(0).column(),
                    "there is no " + name
                            + "; there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually, @reboot");
        }
        return parse(fields);
    }

    private Schedule every(List<Word> words) {
        int column = words.size() > 1 ? words.get(1).column() : text.length() + 1;
        Duration step = Spans.parse(text.substring(column - 1).strip())
                .orElseThrow(() -> wrong(column, "a time such as 45s, 10m, 2h30m, 1d or 1w stands after every"));
        if (step.isZero() || step.compareTo(LONGEST) > 0) {
            throw wrong(column, "every stands for 1 second to " + LONGEST.toDays() + " days");
        }
        return new Schedule.Every(step, Instant.EPOCH);
    }

    private Schedule at(List<Word> words) {
        int column = words.size() > 1 ? words.get(1).column() : text.length() + 1;
        Matcher matcher = LOCAL.matcher(text.substring(column - 1).strip());
        if (!matcher.matches()) {
            throw wrong(column, "a moment such as 2026-12-01T09:00, or 2026-12-01T09:00Z, stands after at");
        }
        try {
            LocalDateTime local = LocalDateTime.parse(matcher.group(1) + "T" + matcher.group(2));
            Optional<ZoneOffset> offset =
                    Optional.ofNullable(matcher.group(3)).map(given -> ZoneOffset.of(given.toUpperCase(Locale.ROOT)));
            return new Schedule.Once(new OnceAt(local, offset));
        } catch (java.time.DateTimeException e) {
            throw wrong(column, "there is no such day or time: " + e.getMessage());
        }
    }

    private Schedule calendar(List<Word> words) {
        if (words.size() != 5 && words.size() != 6) {
            throw wrong(
                    words.get(Math.min(words.size() - 1, 6)).column(),
                    "a cron expression has 5 fields (minute hour day month weekday), or 6 with the second first; here "
                            + (words.size() == 1 ? "is 1" : "are " + words.size()));
        }
        int at = words.size() - 5;
        Field second = at == 0 ? Field.of(Unit.SECOND, new Word("0", 1)) : Field.of(Unit.SECOND, words.get(0));
        Field minute = Field.of(Unit.MINUTE, words.get(at));
        Field hour = Field.of(Unit.HOUR, words.get(at + 1));
        Field day = Field.of(Unit.DAY, words.get(at + 2));
        Field month = Field.of(Unit.MONTH, words.get(at + 3));
        Field weekday = Field.of(Unit.WEEKDAY, words.get(at + 4));
        Days days = new Days(day.bits(), weekday.bits(), day.rules(), weekday.rules(), !day.star() && !weekday.star());
        Expression expression = new Expression(
                second.bits(), minute.bits(), hour.bits(), days, month.bits(), minute.star() || hour.star());
        if (expression.next(SOME_DAY).isEmpty()) {
            throw wrong(
                    words.get(at + 2).column(),
                    "this never comes: no month it names has such a day; a month's last day is L");
        }
        return new Schedule.Calendar(expression);
    }

    /** A piece of the text and where it begins, counted from 1. */
    record Word(String text, int column) {}
}
