package io.koshi.cron.internal;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Compares schedules with their oracle, and counts; in their package, since they are nobody else's business. */
public final class ScheduleRates {
    private static final int MOMENTS = 40;
    private static final int SLOTS = 200;

    private ScheduleRates() {}

    /**
     * @param expressions how many in each zone, other ones in each
     * @return figures by name
     */
    public static Map<String, Object> compare(int expressions) {
        List<String> wrong = new ArrayList<>();
        long compared = 0;
        int transitions = 0;
        long begin = System.nanoTime();
        for (String zone : OracleRun.ZONES) {
            OracleRun run = new OracleRun(zone);
            Expressions made = new Expressions(zone.hashCode());
            Random random = new Random(zone.hashCode());
            transitions += run.transitions();
            for (int i = 0; i < expressions; i++) {
                String text = made.next();
                run.transitions(text).ifPresent(wrong::add);
                run.moments(text, MOMENTS, SLOTS, random).ifPresent(wrong::add);
            }
            compared += run.compared;
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        wrong.stream().limit(10).forEach(System.out::println);
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("expressions", (long) expressions * OracleRun.ZONES.size());
        figures.put("zones", OracleRun.ZONES.size());
        figures.put("transitions", transitions);
        figures.put("slots compared", compared);
        figures.put("that differ", wrong.size());
        figures.put("seconds", seconds);
        figures.put("next times a second, one thread", rate());
        return figures;
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
