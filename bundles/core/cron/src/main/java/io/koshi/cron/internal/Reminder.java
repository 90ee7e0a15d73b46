package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a person wants to be reminded of, and when: {@code in 10 minutes …}, {@code at 17:30 …}, {@code tomorrow 9:00
 * …}, {@code friday at 9 …}, {@code on 2026-12-01 at 9:00 …}, {@code every 2h …},
 * {@code every weekday at 9 …}.
 *
 * @param schedule as jobs have it
 * @param text what is said then
 */
record Reminder(String schedule, String text) {
    private static final String TIME = "(?:at\\s+)?(\\d{1,2})(?::(\\d\\d))?(?::\\d\\d)?\\s*(am|pm)?(?=[,:]?(?:\\s|$))";
    private static final Pattern AT =
            Pattern.compile("at\\s+(\\d{1,2})(?::(\\d\\d))?(?::\\d\\d)?\\s*(am|pm)?(?=[,:]?(?:\\s|$))");
    private static final Pattern CLOCK =
            Pattern.compile("(\\d{1,2}):(\\d\\d)(?::\\d\\d)?\\s*(am|pm)?(?=[,:]?(?:\\s|$))");
    private static final Pattern NEAR_DAY = Pattern.compile("(today|tomorrow)\\s+" + TIME);
    private static final Pattern WEEKDAY = Pattern.compile(
            "(?:on\\s+|next\\s+)?(monday|tuesday|wednesday|thursday|friday|saturday|sunday)\\s+" + TIME);
    private static final Pattern EACH = Pattern.compile(
            "every\\s+(day|weekday|monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\\s+" + TIME);
    private static final Pattern DATE = Pattern.compile("(?:on\\s+|at\\s+)?(\\d{4}-\\d\\d-\\d\\d)[t\\s]\\s*" + TIME);

    /** How people begin, and what they mean by it. */
    private static final Map<Pattern, String> SAYINGS = sayings(
            "me\\s+", "",
            "tonight\\b", "today",
            "in\\s+half\\s+an\\s+hour\\b", "in 30 minutes",
            "in\\s+an\\s+hour\\s+and\\s+a\\s+half\\b", "in 90 minutes",
            "in\\s+a\\s+fortnight\\b", "in 14 days",
            "daily\\b", "every day",
            "(every\\s+\\w+\\s+)(?:at\\s+)?noon\\b", "$1at 12:00",
            "(every\\s+\\w+\\s+)(?:at\\s+)?midnight\\b", "$1at 00:00",
            "((?:today\\s+|tomorrow\\s+)?)(?:at\\s+)?noon\\b", "$1at 12:00",
            "((?:today\\s+|tomorrow\\s+)?)(?:at\\s+)?midnight\\b", "$1at 00:00");

    private static final List<String> NUMBERS =
            List.of("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve");
    private static final Pattern NUMBER =
            Pattern.compile("(in|every)\\s+(" + String.join("|", NUMBERS) + ")\\b", Pattern.CASE_INSENSITIVE);

    private static final String USAGE = "say when and what: /remind in 10 minutes TEXT, /remind at 17:30 TEXT,"
            + " /remind tomorrow 9:00 TEXT, /remind friday at 9 TEXT, /remind every 2h TEXT or /remind every monday at 9 TEXT";

    /** @throws KoshiException INVALID_PARAMS with what can be said */
    static Reminder parse(String asked, Instant now, ZoneId zone) {
        String text = plain(asked.strip());
        String low = text.toLowerCase(Locale.ROOT);
        try {
            return each(text, low)
                    .or(() -> span(text, low, now))
                    .or(() -> moment(text, low, now, zone))
                    .orElseThrow(() -> KoshiException.invalid("", USAGE));
        } catch (DateTimeException e) {
            throw KoshiException.invalid("", "there is no such day or time; " + USAGE);
        }
    }

    private static Map<Pattern, String> sayings(String... pairs) {
        Map<Pattern, String> sayings = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            sayings.put(Pattern.compile("^" + pairs[i], Pattern.CASE_INSENSITIVE), pairs[i + 1]);
        }
        return sayings;
    }

    /** The same with figures for what people say in words. */
    private static String plain(String asked) {
        String text = asked;
        for (Map.Entry<Pattern, String> saying : SAYINGS.entrySet()) {
            text = saying.getKey().matcher(text).replaceFirst(saying.getValue());
        }
        Matcher number = NUMBER.matcher(text);
        return number.lookingAt()
                ? number.group(1) + " " + (NUMBERS.indexOf(number.group(2).toLowerCase(Locale.ROOT)) + 1)
                        + text.substring(number.end())
                : text;
    }

    private static Optional<Reminder> span(String text, String low, Instant now) {
        boolean every = low.startsWith("every ");
        if (!every && !low.startsWith("in ")) {
            return Optional.empty();
        }
        int begin = every ? "every ".length() : "in ".length();
        int length = Spans.reach(low.substring(begin));
        String span = text.substring(begin, begin + length).strip().replaceFirst("(?i)(,|\\band)$", "");
        return Spans.parse(span).filter(step -> !step.isZero()).map(step -> {
            String schedule = every
                    ? "every " + step.toSeconds() + "s"
                    : "at " + now.plus(step).truncatedTo(ChronoUnit.SECONDS);
            return with(schedule, text.substring(begin + length));
        });
    }

    private static Optional<Reminder> each(String text, String low) {
        Matcher matcher = EACH.matcher(low);
        if (!matcher.lookingAt()) {
            return Optional.empty();
        }
        LocalTime time = time(matcher, 2);
        String days = switch (matcher.group(1)) {
            case "day" -> "*";
            case "weekday" -> "MON-FRI";
            default -> matcher.group(1).substring(0, 3).toUpperCase(Locale.ROOT);
        };
        return Optional.of(
                with(time.getMinute() + " " + time.getHour() + " * * " + days, text.substring(matcher.end())));
    }

    private static Optional<Reminder> moment(String text, String low, Instant now, ZoneId zone) {
        LocalDateTime local = now.atZone(zone).toLocalDateTime();
        for (Pattern pattern : new Pattern[] {NEAR_DAY, WEEKDAY, DATE, AT, CLOCK}) {
            Matcher matcher = pattern.matcher(low);
            if (matcher.lookingAt()) {
                boolean dayless = pattern == AT || pattern == CLOCK;
                LocalTime time = time(matcher, dayless ? 1 : 2);
                LocalDate day = dayless ? local.toLocalDate() : day(matcher.group(1), local.toLocalDate());
                if (dayless && !day.atTime(time).isAfter(local)) {
                    day = day.plusDays(1);
                }
                return Optional.of(with("at " + day + "T" + time, text.substring(matcher.end())));
            }
        }
        return Optional.empty();
    }

    private static LocalDate day(String named, LocalDate today) {
        if (named.equals("today") || named.equals("tomorrow")) {
            return named.equals("today") ? today : today.plusDays(1);
        }
        return Arrays.stream(DayOfWeek.values())
                .filter(day -> day.name().equalsIgnoreCase(named))
                .findFirst()
                .map(day -> today.with(TemporalAdjusters.next(day)))
                .orElseGet(() -> LocalDate.parse(named));
    }

    private static LocalTime time(Matcher matcher, int group) {
        int hour = Integer.parseInt(matcher.group(group));
        int minute = matcher.group(group + 1) == null ? 0 : Integer.parseInt(matcher.group(group + 1));
        String half = matcher.group(group + 2);
        if (half != null) {
            if (hour < 1 || hour > 12) {
                throw new DateTimeException(hour + half);
            }
            hour = hour % 12 + (half.equals("pm") ? 12 : 0);
        }
        return LocalTime.of(hour, minute);
    }

    private static Reminder with(String schedule, String rest) {
        String text = rest.strip().replaceFirst("^[,:]\\s*", "").replaceFirst("(?i)^(to|that)\\s+", "");
        if (text.isEmpty()) {
            throw KoshiException.invalid("", USAGE);
        }
        return new Reminder(schedule, text);
    }
}
