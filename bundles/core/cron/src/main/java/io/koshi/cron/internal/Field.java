package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import io.koshi.cron.internal.ScheduleText.Word;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One field of a cron expression as it was understood.
 *
 * @param bits the plain values
 * @param rules days that depend on the month
 * @param star whether it begins with {@code *} or is {@code ?}, which Vixie cron does not count as restricted
 */
record Field(long bits, List<DayRule> rules, boolean star) {
    /** Reads a field. */
    static Field of(Unit unit, Word word) {
        return new Reader(unit, word).read();
    }

    /** Confined to one call. */
    private static final class Reader {
        private static final Pattern LAST = Pattern.compile("L(?:-(\\d{1,2}))?(W)?");
        private static final Pattern NEAR = Pattern.compile("(\\d{1,2})W");
        private static final Pattern LAST_WEEKDAY = Pattern.compile("([A-Z]{3}|\\d)L");
        private static final Pattern NTH_WEEKDAY = Pattern.compile("([A-Z]{3}|\\d)#(\\d+)");

        private final Unit unit;
        private final Word word;
        private final List<DayRule> rules = new ArrayList<>();
        private long bits;

        Reader(Unit unit, Word word) {
            this.unit = unit;
            this.word = word;
        }

        Field read() {
            String text = word.text();
            if (text.equals("?")) {
                if (unit != Unit.DAY && unit != Unit.WEEKDAY) {
                    throw wrong(0, "? stands only for a day; write *");
                }
                return new Field(range(unit.min, unit.max, 1), List.of(), true);
            }
            int at = 0;
            for (String item : text.split(",", -1)) {
                if (item.isEmpty()) {
                    throw wrong(at, "a " + unit.title + " is missing beside the comma");
                }
                item(item.toUpperCase(Locale.ROOT), at);
                at += item.length() + 1;
            }
            return new Field(bits, List.copyOf(rules), text.startsWith("*"));
        }

        private void item(String item, int at) {
            if (unit == Unit.DAY && monthRule(item, at) || unit == Unit.WEEKDAY && weekRule(item, at)) {
                return;
            }
            int slash = item.indexOf('/');
            String values = slash < 0 ? item : item.substring(0, slash);
            int step = slash < 0 ? 1 : step(item.substring(slash + 1), at + slash + 1);
            int dash = values.indexOf('-');
            if (values.equals("*")) {
                bits |= range(unit.min, unit == Unit.WEEKDAY ? unit.max - 1 : unit.max, step);
            } else if (dash < 0) {
                int from = value(values, at);
                bits |= range(from, slash < 0 ? from : unit == Unit.WEEKDAY ? 6 : unit.max, step);
            } else {
                span(values, dash, step, at);
            }
        }

        private void span(String values, int dash, int step, int at) {
            int from = value(values.substring(0, dash), at);
            String end = values.substring(dash + 1);
            int to = value(end, at + dash + 1);
            if (unit == Unit.WEEKDAY && to == 0 && from > 0) {
                to = 7; // to Sunday, which ends a week as well as it begins one
            }
            if (from > to) {
                throw wrong(
                        at,
                        values + " runs backwards; write " + values.substring(0, dash) + "-" + unit.last()
                                + (end.equals(String.valueOf(unit.min)) ? "," : "," + unit.min + "-") + end);
            }
            bits |= range(from, to, step);
        }

        private boolean monthRule(String item, int at) {
            Matcher last = LAST.matcher(item);
            if (last.matches()) {
                int before = last.group(1) == null ? 0 : Integer.parseInt(last.group(1));
                if (before > 30) {
                    throw wrong(at + 2, "L-" + before + " is in no month; L-0 to L-30 are");
                }
                DayRule day = new DayRule.BeforeLast(before);
                rules.add(last.group(2) == null ? day : new DayRule.NearestWeekday(day));
                return true;
            }
            Matcher near = NEAR.matcher(item);
            if (near.matches()) {
                rules.add(new DayRule.NearestWeekday(new DayRule.Plain(value(near.group(1), at))));
                return true;
            }
            if (item.indexOf('#') >= 0) {
                throw wrong(at, "# counts weekdays; write it in the weekday field");
            }
            return false;
        }

        private boolean weekRule(String item, int at) {
            Matcher last = LAST_WEEKDAY.matcher(item);
            if (last.matches()) {
                rules.add(new DayRule.LastWeekday(value(last.group(1), at) % 7));
                return true;
            }
            Matcher nth = NTH_WEEKDAY.matcher(item);
            if (nth.matches()) {
                String n = nth.group(2);
                if (n.length() > 1 || n.charAt(0) < '1' || n.charAt(0) > '5') {
                    throw wrong(at + nth.start(2), "a month has a weekday 1 to 5 times, so #1 to #5 can stand here");
                }
                rules.add(new DayRule.NthWeekday(value(nth.group(1), at) % 7, n.charAt(0) - '0'));
                return true;
            }
            if (item.equals("L")) {
                throw wrong(at, "L needs a weekday before it here: 5L is the month's last Friday");
            }
            if (item.endsWith("W") && item.length() < 4) {
                throw wrong(at, "W is near a day of the month; write it in the day field");
            }
            return false;
        }

        private int step(String text, int at) {
            if (!number(text) || Integer.parseInt(text) == 0) {
                throw wrong(at, "a step such as /5 stands after the slash");
            }
            int step = Integer.parseInt(text);
            if (step > unit.size()) {
                throw wrong(
                        at,
                        "a step of " + step + " passes over all values of the " + unit.title + "; at most "
                                + unit.size() + ", or write for example every " + step + "m");
            }
            return step;
        }

        private int value(String text, int at) {
            int value = number(text) ? Integer.parseInt(text) : unit.named(text).orElse(-1);
            if (value < unit.min || value > unit.max) {
                throw wrong(
                        at,
                        (text.isEmpty() ? "a " + unit.title + " is missing here" : text + " is no " + unit.title)
                                + "; it is " + unit.range());
            }
            return value;
        }

        private static boolean number(String text) {
            return !text.isEmpty() && text.length() <= 4 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        }

        private long range(int from, int to, int step) {
            long set = 0;
            for (int i = from; i <= to; i += step) {
                set |= 1L << (unit == Unit.WEEKDAY ? i % 7 : i);
            }
            return set;
        }

        private KoshiException wrong(int at, String problem) {
            return ScheduleText.wrong(word.column() + at, problem);
        }
    }
}
