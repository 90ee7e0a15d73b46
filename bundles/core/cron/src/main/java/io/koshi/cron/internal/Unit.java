package io.koshi.cron.internal;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** A field of a cron expression: its name, its values and their names. */
enum Unit {
    SECOND("second", 0, 59, List.of()),
    MINUTE("minute", 0, 59, List.of()),
    HOUR("hour", 0, 23, List.of()),
    DAY("day of the month", 1, 31, List.of()),
    MONTH("month", 1, 12, List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
    /** 7 is Sunday too. */
    WEEKDAY("weekday", 0, 7, List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"));

    final String title;
    final int min;
    final int max;
    private final List<String> names;

    Unit(String title, int min, int max, List<String> names) {
        this.title = title;
        this.min = min;
        this.max = max;
        this.names = names;
    }

    /** How many values there are. */
    int size() {
        return this == WEEKDAY ? 7 : max - min + 1;
    }

    /** The last value that is no other one's second number. */
    int last() {
        return this == WEEKDAY ? 6 : max;
    }

    OptionalInt named(String text) {
        int index = names.indexOf(text.toUpperCase(Locale.ROOT));
        return index < 0 ? OptionalInt.empty() : OptionalInt.of(index + min);
    }

    /** What may stand here, for a person. */
    String range() {
        String numbers = min + " to " + max;
        return names.isEmpty() ? numbers : numbers + " or " + names.get(0) + " to " + names.get(names.size() - 1);
    }
}
