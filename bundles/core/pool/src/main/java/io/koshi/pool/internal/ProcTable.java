package io.koshi.pool.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The processes of this machine as Linux shows them in {@code /proc} (proc(5)). Thread-safe. */
final class ProcTable {
    private static final Path PROC = Path.of("/proc");

    private ProcTable() {}

    /**
     * A process.
     *
     * @param state {@code Z} and {@code X} are dead
     * @param startTicks when it started, in clock ticks since the machine did; with the pid it names one process
     */
    record Proc(long pid, char state, long group, long session, long startTicks) {
        boolean dead() {
            return state == 'Z' || state == 'X';
        }

        /** Whether its environment, as it was when it started, has this {@code NAME=value}, or begins one with it. */
        boolean hasVariable(String start) {
            try {
                String all = Files.readString(PROC.resolve(pid + "/environ"), StandardCharsets.ISO_8859_1);
                return all.startsWith(start) || all.contains('\0' + start);
            } catch (IOException e) {
                return false; // gone, or of another user
            }
        }
    }

    /** Empty when there is no such process. */
    static Optional<Proc> find(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            // the name in parentheses may hold anything, a parenthesis too
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Optional.of(new Proc(
                    pid,
                    fields[0].charAt(0),
                    Long.parseLong(fields[2]),
                    Long.parseLong(fields[3]),
                    Long.parseLong(fields[19])));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Living processes that meet a condition. */
    static List<Proc> all(Predicate<Proc> condition) {
        List<Proc> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(
                PROC, path -> Character.isDigit(path.getFileName().toString().charAt(0)))) {
            for (Path entry : entries) {
                find(Long.parseLong(entry.getFileName().toString()))
                        .filter(proc -> !proc.dead())
                        .filter(condition)
                        .ifPresent(found::add);
            }
        } catch (IOException e) {
            return List.of();
        }
        return found;
    }

    /** Names this start of the machine; pids of another mean nothing now. */
    static String boot() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
