package io.koshi.cron.internal;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Compares the schedule with its oracle over zones, their transitions and random moments. Confined to one thread. */
final class OracleRun {
    static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Helsinki",
            "Europe/London",
            "Europe/Berlin",
            "Europe/Dublin",
            "Europe/Moscow",
            "America/New_York",
            "America/St_Johns",
            "America/Sao_Paulo",
            "America/Santiago",
            "America/Asuncion",
            "America/Havana",
            "America/Caracas",
            "Atlantic/Azores",
            "Africa/Casablanca",
            "Africa/El_Aaiun",
            "Africa/Cairo",
            "Asia/Kathmandu",
            "Asia/Beirut",
            "Asia/Gaza",
            "Asia/Pyongyang",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Pacific/Chatham",
            "Antarctica/Troll");

    /** Ten years in which Apia leaves out a day and Caracas, Pyongyang and Moscow change their minds. */
    static final Instant BEGIN = Instant.parse("2011-06-01T00:00:00Z");

    static final Instant END = Instant.parse("2021-06-01T00:00:00Z");

    /** After so many years the calendar begins anew; a fifth Monday of February comes 13 times in them. */
    private static final int HORIZON_YEARS = 400;

    private static final int MOVED = Integer.MAX_VALUE;
    private static final int UNREAD = Integer.MIN_VALUE;
    private static final long FIRST_DAY = LocalDate.of(2011, 1, 1).toEpochDay();

    private final ZoneId zone;
    private final List<Oracle.Stretch> stretches = new ArrayList<>();
    private final int[] offsets = new int[(HORIZON_YEARS + 20) * 366];
    private final Map<Long, Oracle.Stretch> moves = new HashMap<>();
    long compared;

    /**
     * What a whole comparison found.
     *
     * @param compared how many slots
     * @param wrong the first difference of each expression in each zone, if any
     */
    record Figures(long compared, int transitions, List<String> wrong) {}

    /**
     * The same expressions in every zone: at all transitions, and from so many random moments.
     *
     * @param progress told of each zone that is done, with the figures so far
     */
    static Figures all(
            List<String> zones, int expressions, int moments, int slots, Consumer<String> progress) {
        Expressions made = new Expressions(20261121);
        List<String> texts = Stream.generate(made::next).limit(expressions).toList();
        List<Oracle> oracles = texts.stream().map(Oracle::new).toList();
        List<String> wrong = new ArrayList<>();
        long compared = 0;
        int transitions = 0;
        for (String zone : zones) {
            OracleRun run = new OracleRun(zone);
            Random random = new Random(zone.hashCode());
            for (int i = 0; i < expressions; i++) {
                run.transitions(texts.get(i), oracles.get(i)).ifPresent(wrong::add);
                run.moments(texts.get(i), oracles.get(i), moments, slots, random)
                        .ifPresent(wrong::add);
            }
            compared += run.compared;
            transitions += run.transitions();
            progress.accept(zone + ": " + compared + " slots so far, " + wrong.size() + " differ");
        }
        return new Figures(compared, transitions, wrong);
    }

    OracleRun(String zone) {
        this.zone = ZoneId.of(zone);
        Arrays.fill(offsets, UNREAD);
        ZoneOffsetTransition edge = this.zone.getRules().nextTransition(BEGIN);
        while (edge != null && edge.getInstant().isBefore(END)) {
            Instant middle = edge.getInstant().truncatedTo(ChronoUnit.DAYS);
            stretches.add(
                    new Oracle.Stretch(this.zone, middle.minus(3, ChronoUnit.DAYS), middle.plus(4, ChronoUnit.DAYS)));
            edge = this.zone.getRules().nextTransition(edge.getInstant());
        }
    }

    int transitions() {
        return stretches.size();
    }

    /** Every transition, three days to either side; empty when all agree. */
    Optional<String> transitions(String text) {
        return transitions(text, new Oracle(text));
    }

    Optional<String> transitions(String text, Oracle oracle) {
        Schedule schedule = Schedule.parse(text);
        for (Oracle.Stretch stretch : stretches) {
            Instant last = Instant.ofEpochSecond(stretch.from - 1);
            long end = stretch.from + stretch.minutes * 60L;
            for (long expected : oracle.slots(stretch)) {
                Optional<Instant> slot = schedule.next(zone, last);
                compared++;
                if (slot.isEmpty() || slot.get().getEpochSecond() != expected) {
                    return Optional.of(differs(text, last, expected, slot));
                }
                last = slot.get();
            }
            Optional<Instant> after = schedule.next(zone, last);
            if (after.isPresent() && after.get().getEpochSecond() < end) {
                return Optional.of(differs(text, last, end, after));
            }
        }
        return Optional.empty();
    }

    /** So many slots from each of so many random moments, as far as {@link #HORIZON_YEARS} after each. */
    Optional<String> moments(String text, int moments, int slots, Random random) {
        return moments(text, new Oracle(text), moments, slots, random);
    }

    Optional<String> moments(String text, Oracle oracle, int moments, int slots, Random random) {
        Schedule schedule = Schedule.parse(text);
        Map<Long, long[]> known = new HashMap<>(); // the oracle's slots where the clock is moved
        for (int m = 0; m < moments; m++) {
            long moment =
                    BEGIN.getEpochSecond() + (long) (random.nextDouble() * ChronoUnit.SECONDS.between(BEGIN, END));
            Walk walk = new Walk(schedule, text, Instant.ofEpochSecond(moment), slots, known);
            walk.along(oracle);
            compared += walk.found;
            if (walk.wrong != null) {
                return Optional.of(walk.wrong);
            }
        }
        return Optional.empty();
    }

    /** One moment's slots beside the oracle's. */
    private final class Walk {
        private final Schedule schedule;
        private final String text;
        private final int most;
        private final Map<Long, long[]> known;
        private Instant last;
        private int found;
        private String wrong;

        Walk(Schedule schedule, String text, Instant from, int most, Map<Long, long[]> known) {
            this.known = known;
            this.schedule = schedule;
            this.text = text;
            this.last = from;
            this.most = most;
        }

        /** Day by day of the zone's clock while that stands still, and minute by minute where it is moved. */
        void along(Oracle oracle) {
            long day = Math.floorDiv(last.getEpochSecond(), 86_400L) - 1;
            while (moved(day)) {
                day--;
            }
            long horizon = day + HORIZON_YEARS * 365L;
            boolean goesOn = true;
            while (goesOn && day < horizon) {
                if (moved(day)) {
                    long end = day + 1;
                    while (moved(end)) {
                        end++;
                    }
                    goesOn = through(oracle, day, end);
                    day = end;
                } else {
                    oracle.steady(day, offset(day), this::take);
                    goesOn = found < most && wrong == null;
                    day++;
                }
            }
        }

        private boolean through(Oracle oracle, long day, long end) {
            // by the zone's dates, so that nothing between these days and their neighbours is left out or said twice
            for (long slot : known.computeIfAbsent(day, first -> oracle.slots(moves.computeIfAbsent(first, d -> stretch(d, end))))) {
                if (!take(slot)) {
                    return false;
                }
            }
            return true;
        }

        /** Whether to go on. */
        private boolean take(long expected) {
            if (expected <= last.getEpochSecond()) {
                return true;
            }
            Optional<Instant> slot = schedule.next(zone, last);
            found++;
            if (slot.isEmpty() || slot.get().getEpochSecond() != expected) {
                wrong = differs(text, last, expected, slot);
                return false;
            }
            last = slot.get();
            return found < most;
        }
    }

    /** Whether the zone's clock is moved on this date, or on the day before or after it. */
    private boolean moved(long day) {
        return offset(day) == MOVED;
    }

    private int offset(long day) {
        int index = (int) (day - FIRST_DAY);
        if (offsets[index] == UNREAD) {
            offsets[index] = readOffset(day);
        }
        return offsets[index];
    }

    private int readOffset(long day) {
        int first = offsetAt(day * 24 - 48);
        for (long hour = day * 24 - 48; hour <= day * 24 + 72; hour++) {
            if (offsetAt(hour) != first) {
                return MOVED;
            }
        }
        return first;
    }

    private int offsetAt(long hour) {
        return zone.getRules().getOffset(Instant.ofEpochSecond(hour * 3600)).getTotalSeconds();
    }

    private Oracle.Stretch stretch(long day, long end) {
        return new Oracle.Stretch(
                zone,
                Instant.ofEpochSecond(day * 86_400 - offset(day - 1)),
                Instant.ofEpochSecond(end * 86_400 - offset(end)));
    }

    private String differs(String text, Instant last, long expected, Optional<Instant> slot) {
        return text + " in " + zone + " after " + last + " (" + last.atZone(zone) + "): expected "
                + Instant.ofEpochSecond(expected).atZone(zone) + ", was "
                + slot.map(s -> s.atZone(zone).toString()).orElse("none");
    }
}
