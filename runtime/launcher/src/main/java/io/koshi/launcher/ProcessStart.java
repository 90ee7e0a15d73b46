package io.koshi.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * When this process began. On Linux it is counted back from now in ticks of 10 ms (proc(5)), for the time that {@link
 * ProcessHandle} gives is counted from a boot time in whole seconds; elsewhere it is now.
 */
final class ProcessStart {
    private static final double TICKS_PER_SECOND = 100;

    private ProcessStart() {}

    /** Milliseconds since 1970. */
    static long millis() {
        long now = System.currentTimeMillis();
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            // Field 22 is the start; the name in field 2 may have spaces and ends with the last parenthesis.
            String ticks = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
            String uptime = Files.readString(Path.of("/proc/uptime")).split(" ")[0];
            double age = Double.parseDouble(uptime) - Long.parseLong(ticks) / TICKS_PER_SECOND;
            return now - Math.round(age * 1000);
        } catch (IOException | RuntimeException elsewhere) {
            return now;
        }
    }
}
