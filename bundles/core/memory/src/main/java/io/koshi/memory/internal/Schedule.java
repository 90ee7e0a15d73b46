package io.koshi.memory.internal;

import java.time.LocalDateTime;
import java.util.BitSet;

/**
 * Minutes at which something is due, as crontab(5) writes them: minute, hour, day of month, month, day of week, each
 * {@code *}, numbers, ranges, lists and steps. A day is due when both its fields say so, or the one that is not
 * {@code *}, or either where none is.
 */
record Schedule(BitSet minutes, BitSet hours, BitSet days, BitSet months, BitSet weekdays, boolean either) {
    /** @throws IllegalArgumentException with what is wrong */
    static Schedule parse(String text) {
        String[] fields = text.strip().split("\\s+");
        if (fields.length != 5) {
            throw new IllegalArgumentException("write five fields: minute hour day month weekday, as in 0 4 * * *");
        }
        BitSet weekdays = field(fields[4], 0, 7);
        weekdays.set(0, weekdays.get(0) || weekdays.get(7)); // Sunday is 0 and 7
        boolean either = !fields[2].startsWith("*") && !fields[4].startsWith("*");
        return new Schedule(
                field(fields[0], 0, 59),
                field(fields[1], 0, 23),
                field(fields[2], 1, 31),
                field(fields[3], 1, 12),
                weekdays,
                either);
    }

    boolean due(LocalDateTime at) {
        boolean day = days.get(at.getDayOfMonth());
        boolean weekday = weekdays.get(at.getDayOfWeek().getValue() % 7);
        return minutes.get(at.getMinute())
                && hours.get(at.getHour())
                && months.get(at.getMonthValue())
                && (either ? day || weekday : day && weekday);
    }

    private static BitSet field(String text, int least, int most) {
        BitSet set = new BitSet();
        for (String part : text.split(",", -1)) {
            String[] step = part.split("/", 2);
            String[] range = step[0].split("-", 2);
            int from = step[0].equals("*") ? least : number(range[0], least, most);
            int to = step[0].equals("*") || step.length == 2 && range.length == 1 ? most : from;
            if (range.length == 2) {
                to = number(range[1], least, most);
            }
            int by = step.length == 2 ? number(step[1], 1, most) : 1;
            for (int i = from; i <= to; i += by) {
                set.set(i);
            }
        }
        return set;
    }

    private static int number(String text, int least, int most) {
        if (!text.matches("[0-9]{1,2}")) {
            throw new IllegalArgumentException("'" + text + "' is no number from " + least + " to " + most);
        }
        int number = Integer.parseInt(text);
        if (number < least || number > most) {
            throw new IllegalArgumentException(number + " is not from " + least + " to " + most);
        }
        return number;
    }
}
