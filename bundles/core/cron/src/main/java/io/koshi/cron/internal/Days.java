package io.koshi.cron.internal;

import java.time.YearMonth;
import java.util.List;

/**
 * The days of the two day fields. As in Vixie cron a day must fit both when one of them begins with {@code *} (or is
 * {@code ?}), and either when both are restricted.
 *
 * @param ofMonth plain days of the month, bits 1 to 31
 * @param ofWeek plain days of the week, bits 0 (Sunday) to 6
 * @param monthRules days of the month that are not plain: {@code L}, {@code L-3}, {@code 15W}, {@code LW}
 * @param weekRules days of the week that are not plain: {@code 5L}, {@code 1#2}
 * @param either whether both fields are restricted
 */
record Days(long ofMonth, long ofWeek, List<DayRule> monthRules, List<DayRule> weekRules, boolean either) {
    private static final int WEEK = 7;

    /** The days of a month, bits 1 to 31. */
    long in(YearMonth month) {
        int length = month.lengthOfMonth();
        int first = month.atDay(1).getDayOfWeek().getValue() % WEEK;
        long byMonth = ofMonth;
        for (DayRule rule : monthRules) {
            byMonth |= bit(rule.day(first, length), length);
        }
        long byWeek = 0;
        for (int day = 1; day <= length; day++) {
            if ((ofWeek >>> (first + day - 1) % WEEK & 1) != 0) {
                byWeek |= 1L << day;
            }
        }
        for (DayRule rule : weekRules) {
            byWeek |= bit(rule.day(first, length), length);
        }
        long all = (1L << length + 1) - 2;
        return (either ? byMonth | byWeek : byMonth & byWeek) & all;
    }

    private static long bit(int day, int length) {
        return day < 1 || day > length ? 0 : 1L << day;
    }
}
