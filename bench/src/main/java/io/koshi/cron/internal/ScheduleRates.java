package io.koshi.cron.internal;

import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares schedules with their oracle, and counts; in their package, since they are nobody else's business. */
public final class ScheduleRates {
    private static final int MOMENTS = 40;
    private static final int SLOTS = 200;

    private ScheduleRates() {}

    /**
     * @param expressions how many, the same in each zone
     * @return figures by name
     */
    public static Map<String, Object> compare(int expressions) {
        return compare(OracleRun.ZONES, expressions);
    }

    private static Map<String, Object> compare(List<String> zones, int expressions) {
        long begin = System.nanoTime();
        OracleRun.Figures found = OracleRun.all(zones, expressions, MOMENTS, SLOTS, System.err::println);
        double seconds = (System.nanoTime() - begin) / 1e9;
        found.wrong().stream().limit(10).forEach(System.out::println);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("expressions", expressions);
        figures.put("zones", zones.size());
        figures.put("transitions", found.transitions());
        figures.put("slots compared", found.compared());
        figures.put("that differ", found.wrong().size());
        figures.put("seconds", seconds);
        figures.put("next times a second, one thread", rate());
        return figures;
    }

    /** The comparison alone: {@code ScheduleRates EXPRESSIONS [FIRST LAST]}, these of the zones. */
    public static void main(String[] arguments) {
        List<String> zones = arguments.length < 3
                ? OracleRun.ZONES
                : OracleRun.ZONES.subList(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
        compare(zones, Integer.parseInt(arguments[0]))
                .forEach((what, figure) -> System.out.println(what + ": " + figure));
    }

    private static double rate() {
        Schedule schedule = Schedule.parse("30 7 * * 1-5");
        ZoneId zone = ZoneId.of("Europe/Helsinki");
        int rounds = 2_000_000;
        double best = 0;
        for (int turn = 0; turn < 3; turn++) {
            long begin = System.nanoTime();
            Instant last = OracleRun.BEGIN;
            for (int i = 0; i < rounds; i++) {
                Optional<Instant> next = schedule.next(zone, last);
                last = i % 2000 == 0 ? OracleRun.BEGIN : next.orElseThrow();
            }
            best = Math.max(best, rounds / ((System.nanoTime() - begin) / 1e9));
        }
        return best;
    }
}
