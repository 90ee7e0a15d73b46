package io.koshi.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.koshi.cron.internal.ScheduleRates;
import io.koshi.itests.Daemon;
import io.koshi.itests.FrameSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The clock: schedules against an oracle that steps through minutes, and what jobs cost a daemon that has nothing to do.
 * {@code KOSHI_BENCH_EXPRESSIONS} is how many expressions are compared in each zone, 2,000 unless told.
 */
final class CronBench implements Bench.Story {
    private static final int JOBS = 10_000;
    private static final int WATCHED_SECONDS = 60;
    private static final int SETTLING_SECONDS = 15;

    @Override
    public void run(Path scratch) throws Exception {
        String wanted = System.getenv().getOrDefault("KOSHI_BENCH_EXPRESSIONS", "2000");
        Table oracle = new Table(
                "Schedules against the oracle: every transition in ten years, 200 slots from 40 moments",
                "what",
                "figure");
        ScheduleRates.compare(Integer.parseInt(wanted)).forEach(oracle::row);
        oracle.print(System.out);
        double none = idle(scratch.resolve("none"), 0);
        double many = idle(scratch.resolve("many"), JOBS);
        new Table("An idle daemon over " + WATCHED_SECONDS + " s, all of its threads", "what", "figure")
                .row("% of a core, no jobs", none)
                .row("% of a core, 10,000 jobs", many)
                .row("% of a core that the jobs cost", many - none)
                .print(System.out);
    }

    /** Per cent of a core that the whole process takes while nothing is due. */
    private static double idle(Path home, int jobs) throws Exception {
        try (Daemon daemon = Daemon.in(home).config("http: { port: 0 }\n").start()) {
            try (FrameSocket frames = daemon.frames()) {
                for (int i = 0; i < jobs; i++) {
                    add(frames, i);
                }
            }
            TimeUnit.SECONDS.sleep(SETTLING_SECONDS);
            long before = ticks(daemon);
            long begin = System.nanoTime();
            TimeUnit.SECONDS.sleep(WATCHED_SECONDS);
            double seconds = (System.nanoTime() - begin) / 1e9;
            return (ticks(daemon) - before) / seconds; // a tick is a hundredth of a second
        }
    }

    private static void add(FrameSocket frames, int i) throws IOException {
        JsonNode added = frames.call(
                "cron.add",
                Map.of(
                        "name",
                        "job " + i,
                        "schedule",
                        i % 60 + " " + i % 24 + " 1 1 *",
                        "timezone",
                        "Europe/Helsinki",
                        "task",
                        Map.of("title", "job " + i)));
        if (!added.hasNonNull("nextAt")) {
            throw new IOException("job " + i + " was not added: " + added);
        }
    }

    /** User and system time of the process, in hundredths of a second. */
    private static long ticks(Daemon daemon) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(daemon.pid()), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
