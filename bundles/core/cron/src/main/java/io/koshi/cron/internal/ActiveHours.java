package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of each day in which a job runs, in minutes of the day; overnight where it ends before it begins.
 *
 * @param to the first minute that is outside, up to 1440
 */
record ActiveHours(int from, int to) {
    private static final int DAY = 24 * 60;
    private static final int MOST_DAYS = 5000;
    private static final Pattern TEXT = Pattern.compile("(\\d{1,2}):(\\d\\d)\\s*-\\s*(\\d{1,2}):(\\d\\d)");

    static ActiveHours parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (matcher.matches()) {
            int from = minutes(matcher.group(1), matcher.group(2));
            int to = minutes(matcher.group(3), matcher.group(4));
            if (from >= 0 && from < DAY && to >= 0 && to <= DAY && from != to) {
                return new ActiveHours(from, to);
            }
        }
        throw KoshiException.invalid("/active", "the hours of the day it runs in, such as 08:00-22:00 or 22:00-06:30");
    }

    private static int minutes(String hour, String minute) {
        int h = Integer.parseInt(hour);
        int m = Integer.parseInt(minute);
        return h > 24 || m > 59 ? -1 : h * 60 + m;
    }

    boolean contains(LocalTime time) {
        int minute = time.getHour() * 60 + time.getMinute();
        return from < to ? minute >= from && minute < to : minute >= from || minute < to;
    }

    /** The first slot of a schedule after {@code last} that falls into these hours. */
    Optional<Instant> next(Schedule schedule, ZoneId zone, Instant last) {
        Optional<Instant> slot = schedule.next(zone, last);
        for (int i = 0; i < MOST_DAYS && slot.isPresent(); i++) {
            ZonedDateTime local = slot.get().atZone(zone);
            if (contains(local.toLocalTime())) {
                return slot;
            }
            Instant before = opens(local).minusSeconds(1);
            slot = schedule.next(zone, before.isAfter(slot.get()) ? before : slot.get());
        }
        return Optional.empty();
    }

    private Instant opens(ZonedDateTime local) {
        LocalTime open = LocalTime.of(from / 60, from % 60);
        ZonedDateTime today = local.with(open);
        return (today.isAfter(local) ? today : local.plusDays(1).with(open)).toInstant();
    }
}
