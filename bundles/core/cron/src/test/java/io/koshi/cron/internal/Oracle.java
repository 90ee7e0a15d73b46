package io.koshi.cron.internal;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Says by stepping through the minutes of a zone's clock what an expression means: slow, and written apart from the
 * parser and its arithmetic. Confined to one thread.
 */
final class Oracle {
    private static final List<String> MONTHS =
            List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
    private static final List<String> WEEKDAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    private static final long FIRST_DAY = LocalDate.of(2000, 1, 1).toEpochDay();

    private final BitSet known = new BitSet(); // days since FIRST_DAY that were read already
    private final BitSet days = new BitSet();
    private final boolean[] seconds = new boolean[60];
    private final boolean[] minuteOfDay = new boolean[24 * 60];
    private final int[] minutes; // those of minuteOfDay
    private final String dayField;
    private final String monthField;
    private final String weekField;
    private final boolean wild;

    Oracle(String expression) {
        String[] fields = expression.trim().split("\\s+");
        int at = fields.length - 5;
        for (int s = 0; s < 60; s++) {
            seconds[s] = at == 0 ? s == 0 : fits(fields[0], s, 0, 59);
        }
        for (int m = 0; m < minuteOfDay.length; m++) {
            minuteOfDay[m] = fits(fields[at], m % 60, 0, 59) && fits(fields[at + 1], m / 60, 0, 23);
        }
        minutes = IntStream.range(0, minuteOfDay.length)
                .filter(m -> minuteOfDay[m])
                .toArray();
        dayField = fields[at + 2].toUpperCase(Locale.ROOT);
        monthField = fields[at + 3].toUpperCase(Locale.ROOT);
        weekField = fields[at + 4].toUpperCase(Locale.ROOT);
        wild = fields[at].charAt(0) == '*' || fields[at + 1].charAt(0) == '*';
    }

    private static boolean fits(String field, int value, int min, int max) {
        for (String item : field.split(",")) {
            String[] parts = item.split("/");
            int step = parts.length > 1 ? Integer.parseInt(parts[1]) : 1;
            int from;
            int to;
            if (parts[0].equals("*") || parts[0].equals("?")) {
                from = min;
                to = max;
            } else if (parts[0].contains("-")) {
                from = number(parts[0].split("-")[0]);
                to = number(parts[0].split("-")[1]);
                if (max == 6 && to == 0 && from > 0) {
                    to = 7;
                }
            } else {
                from = number(parts[0]);
                to = parts.length > 1 ? max : from;
            }
            for (int v = from; v <= to; v += step) {
                if (v == value || max == 6 && v == 7 && value == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int number(String text) {
        if (MONTHS.contains(text)) {
            return MONTHS.indexOf(text) + 1;
        }
        return WEEKDAYS.contains(text) ? WEEKDAYS.indexOf(text) : Integer.parseInt(text);
    }

    boolean day(LocalDate day) {
        return day(day.toEpochDay());
    }

    /** Whether a day's date fits; each is read once. */
    boolean day(long epochDay) {
        int index = (int) (epochDay - FIRST_DAY);
        if (!known.get(index)) {
            known.set(index);
            days.set(index, reads(LocalDate.ofEpochDay(epochDay)));
        }
        return days.get(index);
    }

    /**
     * Hands out the slots of one date by a clock that stands at one offset all that day and the day before and after,
     * in order, until {@code taker} has enough.
     */
    void steady(long epochDay, int offset, LongPredicate taker) {
        if (!day(epochDay)) {
            return;
        }
        for (int m : minutes) {
            long minute = epochDay * 86_400 + m * 60L - offset;
            for (int s = 0; s < 60; s++) {
                if (seconds[s] && !taker.test(minute + s)) {
                    return;
                }
            }
        }
    }

    private boolean reads(LocalDate day) {
        if (!fits(monthField, day.getMonthValue(), 1, 12)) {
            return false;
        }
        boolean month = false;
        for (String item : dayField.split(",")) {
            month |= item.contains("L") || item.contains("W")
                    ? day.equals(special(item, day))
                    : fits(item, day.getDayOfMonth(), 1, 31);
        }
        boolean week = false;
        for (String item : weekField.split(",")) {
            week |= item.contains("#") || item.endsWith("L")
                    ? day.equals(ofWeekday(item, day))
                    : fits(item, day.getDayOfWeek().getValue() % 7, 0, 6);
        }
        boolean free = "*?".indexOf(dayField.charAt(0)) >= 0 || "*?".indexOf(weekField.charAt(0)) >= 0;
        return free ? month && week : month || week;
    }

    private static LocalDate special(String item, LocalDate in) {
        LocalDate last = in.with(TemporalAdjusters.lastDayOfMonth());
        String plain = item.replace("W", "");
        LocalDate day;
        if (plain.startsWith("L")) {
            day = last.minusDays(plain.contains("-") ? Integer.parseInt(plain.substring(2)) : 0);
        } else {
            int n = Integer.parseInt(plain);
            if (n > last.getDayOfMonth()) {
                return null;
            }
            day = in.withDayOfMonth(n);
        }
        if (day.getMonth() != in.getMonth()) {
            return null;
        }
        if (!item.contains("W")) {
            return day;
        }
        for (int away : new int[] {0, -1, 1, -2, 2}) {
            LocalDate near = day.plusDays(away);
            boolean works = near.getDayOfWeek() != DayOfWeek.SATURDAY && near.getDayOfWeek() != DayOfWeek.SUNDAY;
            if (works && near.getMonth() == day.getMonth()) {
                return near;
            }
        }
        throw new IllegalStateException(item);
    }

    private static LocalDate ofWeekday(String item, LocalDate in) {
        int weekday = number(item.endsWith("L") ? item.substring(0, item.length() - 1) : item.split("#")[0]) % 7;
        DayOfWeek which = DayOfWeek.of(weekday == 0 ? 7 : weekday);
        if (item.endsWith("L")) {
            return in.with(TemporalAdjusters.lastInMonth(which));
        }
        LocalDate day = in.with(TemporalAdjusters.dayOfWeekInMonth(Integer.parseInt(item.split("#")[1]), which));
        return day.getMonth() == in.getMonth() ? day : null;
    }

    /** All slots of a stretch of a zone's minutes, by epoch second. */
    long[] slots(Stretch stretch) {
        LongStream.Builder slots = LongStream.builder();
        boolean[] fits = new boolean[stretch.days.size()];
        boolean any = !stretch.leaps.isEmpty();
        for (int d = 0; d < fits.length; d++) {
            fits[d] = day(stretch.days.get(d));
            any |= fits[d];
        }
        if (!any) {
            return new long[0];
        }
        for (int i = 0; i < stretch.minutes; i++) {
            if (!fits[stretch.day[i]] && !stretch.leaps.containsKey(i)) {
                continue;
            }
            long at = stretch.from + i * 60L;
            if (fits[stretch.day[i]] && minuteOfDay[stretch.minute[i]] && (wild || !stretch.again[i])) {
                addSeconds(slots, at);
            }
            if (!wild && stretch.leaps.containsKey(i)) {
                for (LocalDateTime lost : stretch.leaps.get(i)) {
                    if (day(lost.toLocalDate())
                            && minuteOfDay[lost.toLocalTime().toSecondOfDay() / 60]) {
                        slots.add(at);
                    }
                }
            }
        }
        return slots.build().sorted().distinct().toArray();
    }

    private void addSeconds(LongStream.Builder slots, long minute) {
        for (int s = 0; s < 60; s++) {
            if (seconds[s]) {
                slots.add(minute + s);
            }
        }
    }

    /** The minutes of a zone's clock between two moments, stepped through one by one. */
    static final class Stretch {
        final long from;
        final int minutes;
        final short[] minute;
        final byte[] day;
        final boolean[] again;
        final List<LocalDate> days = new ArrayList<>();
        final java.util.Map<Integer, List<LocalDateTime>> leaps = new java.util.HashMap<>();

        Stretch(ZoneId zone, Instant from, Instant to) {
            // begins a day early, for what the clock showed before
            Instant early = from.minus(1, ChronoUnit.DAYS);
            this.from = from.getEpochSecond();
            this.minutes = (int) ChronoUnit.MINUTES.between(from, to);
            this.minute = new short[minutes];
            this.day = new byte[minutes];
            this.again = new boolean[minutes];
            Set<LocalDateTime> shown = new HashSet<>();
            LocalDateTime before = null;
            for (Instant at = early; at.isBefore(to); at = at.plusSeconds(60)) {
                ZoneOffset offset = zone.getRules().getOffset(at);
                LocalDateTime local = LocalDateTime.ofEpochSecond(at.getEpochSecond(), 0, offset);
                boolean first = shown.add(local);
                int i = (int) ((at.getEpochSecond() - this.from) / 60);
                if (!at.isBefore(from)) {
                    note(i, local, !first, before);
                }
                before = local;
            }
        }

        private void note(int i, LocalDateTime local, boolean second, LocalDateTime before) {
            LocalTime time = local.toLocalTime();
            minute[i] = (short) (time.getHour() * 60 + time.getMinute());
            if (days.isEmpty() || !days.get(days.size() - 1).equals(local.toLocalDate())) {
                days.add(local.toLocalDate());
            }
            day[i] = (byte) (days.size() - 1);
            again[i] = second;
            List<LocalDateTime> lost = new ArrayList<>();
            for (LocalDateTime l = before.plusMinutes(1); l.isBefore(local); l = l.plusMinutes(1)) {
                lost.add(l);
            }
            if (!lost.isEmpty()) {
                leaps.put(i, lost);
            }
        }
    }
}
