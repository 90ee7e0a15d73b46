package io.koshi.cron.internal;

/** A day that depends on the month. */
sealed interface DayRule {
    int WEEK = 7;

    /**
     * The day of the month it is.
     *
     * @param first the weekday of the month's first day, 0 for Sunday
     * @param length how many days the month has
     * @return less than 1, or more than the month has, when the month has no such day
     */
    int day(int first, int length);

    /** {@code L}, {@code L-3}: so many days before the last. */
    record BeforeLast(int days) implements DayRule {
        @Override
        public int day(int first, int length) {
            return length - days;
        }
    }

    /** {@code 15W}, {@code LW}, {@code L-2W}: the day from Monday to Friday nearest to another, in the same month. */
    record NearestWeekday(DayRule to) implements DayRule {
        @Override
        public int day(int first, int length) {
            int day = to.day(first, length);
            if (day < 1 || day > length) {
                return 0;
            }
            return switch ((first + day - 1) % WEEK) {
                case 0 -> day == length ? day - 2 : day + 1;
                case 6 -> day == 1 ? day + 2 : day - 1;
                default -> day;
            };
        }
    }

    /** A day of the month, as {@code 15W} is near to one. */
    record Plain(int day) implements DayRule {
        @Override
        public int day(int first, int length) {
            return day;
        }
    }

    /** {@code 5L}: the last such weekday. */
    record LastWeekday(int weekday) implements DayRule {
        @Override
        public int day(int first, int length) {
            int last = (first + length - 1) % WEEK;
            return length - (last - weekday + WEEK) % WEEK;
        }
    }

    /** {@code 1#2}: such a weekday, counted from the month's beginning. */
    record NthWeekday(int weekday, int n) implements DayRule {
        @Override
        public int day(int first, int length) {
            return 1 + (weekday - first + WEEK) % WEEK + (n - 1) * WEEK;
        }
    }
}
