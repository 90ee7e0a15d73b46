package io.koshi.cron.internal;

import io.koshi.api.KoshiException;
import java.time.LocalDate;
import java.util.Random;

/** Makes up cron expressions of every kind. Confined to one thread. */
final class Expressions {
    private static final String[] MONTHS = {
        "JAN", "FEB", "mar", "Apr", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"
    };
    private static final String[] WEEKDAYS = {"SUN", "MON", "TUE", "wed", "Thu", "FRI", "SAT"};

    private final Random random;

    Expressions(long seed) {
        this.random = new Random(seed);
    }

    /** One that fires; of those that are refused the oracle must know no day either. */
    String next() {
        while (true) {
            String text = any();
            try {
                Schedule.parse(text);
                return text;
            } catch (KoshiException refused) {
                Oracle oracle = new Oracle(text);
                LocalDate begin = LocalDate.of(2000, 1, 1);
                if (begin.datesUntil(begin.plusYears(28)).anyMatch(oracle::day)) {
                    throw new AssertionError(text + " is refused, but fires", refused);
                }
            }
        }
    }

    private String any() {
        StringBuilder text = new StringBuilder();
        if (random.nextInt(5) == 0) {
            text.append(random.nextInt(6) == 0 ? values(0, 59) : String.valueOf(random.nextInt(60)))
                    .append(' ');
        }
        text.append(values(0, 59)).append(' ');
        // half of them near the hours at which clocks are changed
        text.append(random.nextBoolean() ? values(0, 3) : values(0, 23)).append(' ');
        text.append(day()).append(' ').append(month()).append(' ').append(weekday());
        return text.toString();
    }

    private String day() {
        return switch (random.nextInt(16)) {
            case 8 -> "L-" + random.nextInt(28) + "W";
            case 9 -> (1 + random.nextInt(31)) + "W," + (1 + random.nextInt(31));
            case 10 -> values(1, 31);
            case 0 -> "L";
            case 1 -> "L-" + random.nextInt(28);
            case 2 -> (1 + random.nextInt(28)) + "W";
            case 3 -> "LW";
            case 4 -> "?";
            case 5, 6 -> values(1, 28);
            case 7 -> (1 + random.nextInt(28)) + ",L";
            default -> "*";
        };
    }

    private String month() {
        return switch (random.nextInt(6)) {
            case 0 -> MONTHS[random.nextInt(6)] + "-" + MONTHS[6 + random.nextInt(6)];
            case 1 -> MONTHS[random.nextInt(12)] + "," + MONTHS[random.nextInt(12)];
            case 2 -> "*/" + (1 + random.nextInt(3));
            default -> "*";
        };
    }

    private String weekday() {
        return switch (random.nextInt(15)) {
            case 6 -> "mon-Fri/" + (1 + random.nextInt(4));
            case 7 -> WEEKDAYS[random.nextInt(7)] + "," + WEEKDAYS[random.nextInt(7)] + "#1," + random.nextInt(8) + "L";
            case 0 -> WEEKDAYS[1 + random.nextInt(3)] + "-" + WEEKDAYS[4 + random.nextInt(3)];
            case 1 -> random.nextInt(8) + "L";
            case 2 -> WEEKDAYS[random.nextInt(7)] + "#" + (1 + random.nextInt(5));
            case 3 -> values(0, 7);
            case 4 -> "FRI-SUN";
            case 5 -> "?";
            default -> "*";
        };
    }

    private String values(int min, int max) {
        int one = min + random.nextInt(max - min + 1);
        int other = one + random.nextInt(max - one + 1);
        int size = Math.min(max, 59) - min + 1;
        return switch (random.nextInt(8)) {
            case 0 -> "*";
            case 1 -> "*/" + (1 + random.nextInt(Math.min(size, 7)));
            case 2 -> one + "-" + other;
            case 3 -> one + "-" + other + "/" + (1 + random.nextInt(Math.min(size, 7)));
            case 4 -> one + "," + other + "," + (min + random.nextInt(size));
            case 5 -> one + "/" + (1 + random.nextInt(Math.min(size, 7)));
            default -> String.valueOf(one);
        };
    }
}
