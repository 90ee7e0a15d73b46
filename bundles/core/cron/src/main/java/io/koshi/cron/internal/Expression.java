package io.koshi.cron.internal;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.util.Optional;

/**
 * A cron expression, each field as a set of bits; the days are for {@link Days} to tell.
 *
 * @param seconds bits 0 to 59
 * @param minutes bits 0 to 59
 * @param hours bits 0 to 23
 * @param months bits 1 to 12
 * @param wild whether the minute or the hour begins with {@code *}, so that it is a rhythm and no fixed time
 */
record Expression(long seconds, long minutes, long hours, Days days, long months, boolean wild) {
    /** The Gregorian calendar repeats itself after so many months. */
    private static final int CYCLE_MONTHS = 400 * 12;

    /** The first local time that agrees, {@code from} included; empty when there is none in the whole calendar. */
    Optional<LocalDateTime> next(LocalDateTime from) {
        LocalDate today = from.toLocalDate();
        if (has(months, today.getMonthValue()) && has(days.in(YearMonth.from(today)), today.getDayOfMonth())) {
            int time = timeFrom(from.toLocalTime().toSecondOfDay());
            if (time >= 0) {
                return Optional.of(at(today, time));
            }
        }
        return nextDay(today).map(day -> at(day, timeFrom(0)));
    }

    private Optional<LocalDate> nextDay(LocalDate today) {
        YearMonth month = YearMonth.from(today);
        int after = today.getDayOfMonth();
        for (int i = 0; i <= CYCLE_MONTHS; i++) {
            if (has(months, month.getMonthValue())) {
                int day = nextBit(days.in(month), after + 1);
                if (day >= 0) {
                    return Optional.of(month.atDay(day));
                }
            }
            after = 0;
            month = month.plusMonths(1);
        }
        return Optional.empty();
    }

    /** The first second of the day that agrees, {@code from} included, or -1. */
    private int timeFrom(int from) {
        int hour = from / 3600;
        int minute = from / 60 % 60;
        int second = from % 60;
        if (has(hours, hour)) {
            if (has(minutes, minute)) {
                int s = nextBit(seconds, second);
                if (s >= 0) {
                    return hour * 3600 + minute * 60 + s;
                }
            }
            int m = nextBit(minutes, minute + 1);
            if (m >= 0) {
                return hour * 3600 + m * 60 + nextBit(seconds, 0);
            }
        }
        int h = nextBit(hours, hour + 1);
        return h < 0 ? -1 : h * 3600 + nextBit(minutes, 0) * 60 + nextBit(seconds, 0);
    }

    private static LocalDateTime at(LocalDate day, int secondOfDay) {
        return day.atTime(secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60);
    }

    private static boolean has(long bits, int n) {
        return (bits >>> n & 1) != 0;
    }

    private static int nextBit(long bits, int from) {
        long left = from > 63 ? 0 : bits & -1L << from;
        return left == 0 ? -1 : Long.numberOfTrailingZeros(left);
    }
}
