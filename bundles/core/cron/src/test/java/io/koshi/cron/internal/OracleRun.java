package io.koshi.cron.internal;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

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

    private final ZoneId zone;
    private final List<Oracle.Stretch> stretches = new ArrayList<>();
    private final Map<LocalDate, Oracle.Stretch> days = new HashMap<>();
    long compared;

    OracleRun(String zone) {
        this.zone = ZoneId.of(zone);
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
        Schedule schedule = Schedule.parse(text);
        Oracle oracle = new Oracle(text);
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

    /** So many slots from each of so many random moments; the oracle looks no further than thirty years. */
    Optional<String> moments(String text, int moments, int slots, Random random) {
        Schedule schedule = Schedule.parse(text);
        Oracle oracle = new Oracle(text);
        Map<LocalDate, long[]> known = new HashMap<>();
        for (int m = 0; m < moments; m++) {
            Instant last = BEGIN.plusSeconds((long) (random.nextDouble() * ChronoUnit.SECONDS.between(BEGIN, END)));
            LocalDate day = LocalDate.ofInstant(last, ZoneOffset.UTC);
            LocalDate horizon = day.plusYears(30);
            int found = 0;
            while (found < slots && day.isBefore(horizon)) {
                if (candidate(oracle, day)) {
                    for (long expected : known.computeIfAbsent(day, d -> oracle.slots(stretch(d)))) {
                        if (expected > last.getEpochSecond() && found < slots) {
                            Optional<Instant> slot = schedule.next(zone, last);
                            compared++;
                            found++;
                            if (slot.isEmpty() || slot.get().getEpochSecond() != expected) {
                                return Optional.of(differs(text, last, expected, slot));
                            }
                            last = slot.get();
                        }
                    }
                }
                day = day.plusDays(1);
            }
        }
        return Optional.empty();
    }

    /** Whether a day of universal time can hold a slot: a zone's clock is at most a day off, or leaps over one. */
    private static boolean candidate(Oracle oracle, LocalDate day) {
        return oracle.day(day) || oracle.day(day.minusDays(1)) || oracle.day(day.plusDays(1));
    }

    private Oracle.Stretch stretch(LocalDate day) {
        return days.computeIfAbsent(
                day,
                d -> new Oracle.Stretch(
                        zone,
                        d.atStartOfDay().toInstant(ZoneOffset.UTC),
                        d.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC)));
    }

    private String differs(String text, Instant last, long expected, Optional<Instant> slot) {
        return text + " in " + zone + " after " + last + " (" + last.atZone(zone) + "): expected "
                + Instant.ofEpochSecond(expected).atZone(zone) + ", was "
                + slot.map(s -> s.atZone(zone).toString()).orElse("none");
    }
}
