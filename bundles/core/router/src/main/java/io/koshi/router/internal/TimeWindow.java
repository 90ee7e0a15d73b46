package io.koshi.router.internal;

import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;

/**
 * Hours of the day and days of the week, by the wall clock of a zone at the moment the message was
 * accepted. A window that ends before it begins runs past midnight and belongs to the day it began on;
 * when clocks change, what counts is what the clock on the wall shows. Immutable.
 *
 * @param from first minute of the day that belongs to it
 * @param to first minute that does not, 1440 for midnight at the end of the day
 * @param days days it begins on
 */
record TimeWindow(int from, int to, ZoneId zone, Set<DayOfWeek> days) implements Condition {
    static final int DAY = 24 * 60;

    TimeWindow {
        days = Set.copyOf(days);
    }

    @Override
    public boolean holds(Subject subject) {
        LocalDateTime wall = LocalDateTime.ofInstant(subject.at(), zone);
        int minute = wall.getHour() * 60 + wall.getMinute();
        DayOfWeek today = wall.getDayOfWeek();
        if (from < to) {
            return minute >= from && minute < to && days.contains(today);
        }
        return minute >= from ? days.contains(today) : minute < to && days.contains(today.minus(1));
    }

    @Override
    public Optional<Miss> miss(Subject subject) {
        if (holds(subject)) {
            return Optional.empty();
        }
        LocalDateTime wall = LocalDateTime.ofInstant(subject.at(), zone);
        String expected = "%02d:%02d to %02d:%02d %s".formatted(from / 60, from % 60, to / 60, to % 60, zone)
                + (days.size() == 7 ? "" : " on " + new java.util.TreeSet<>(days));
        return Optional.of(new Miss(
                "time",
                expected,
                Optional.of(wall.getDayOfWeek() + " " + wall.toLocalTime().withNano(0))));
    }
}
