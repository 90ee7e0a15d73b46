package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Starts the daemon in a session of its own and waits for what it becomes. Confined to one thread. */
final class Daemon {
    /** A start of 18 s was seen on two processors that did the work of twenty, with a disk that synced in 40 ms. */
    private static final long READY_MS = 120_000;

    /** With less the daemon cannot even say why. */
    private static final long LEAST_DISK = 64 << 10;

    private static final long LOOK_MS = 10;

    /** A process that a signal ended has this and the signal's number for its exit code. */
    private static final int SIGNALLED = 128;

    /** A room that could not start says so at once, and some come a moment later when what they need is there. */
    private static final int FAILED_LOOKS = 300;

    private final Invocation call;

    Daemon(Invocation call) {
        this.call = call;
    }

    /** Starts it because another command needs it: always with the home's own configuration. */
    void startQuietly() throws IOException, InterruptedException {
        call.err().println("Koshi is not running; starting it.");
        try {
            start(List.of("--home", call.place().home().toString()));
        } catch (Failure refused) {
            Optional<ProcessHandle> other = call.place().daemon().filter(Daemon::isNew);
            if (refused.exit() != Failure.REFUSED || other.isEmpty()) {
                throw refused;
            }
            long pid = other.get().pid();
            call.err().println("Another command has just started it, pid " + pid + "; waiting for it.");
            awaitReady(pid, ms -> gone(other, ms)).orElseThrow(() -> refused);
        }
    }

    /** Whether it may still be on its way. */
    private static boolean isNew(ProcessHandle process) {
        return process.info()
                .startInstant()
                .filter(Instant.now().minusMillis(READY_MS)::isBefore)
                .isPresent();
    }

    /** Waits for a process to end, so long at most; true when it has. */
    @FunctionalInterface
    private interface Ending {
        boolean within(long ms) throws InterruptedException;
    }

    /**
     * Starts it and waits until it is ready.
     *
     * @return hub.status of the new daemon
     * @throws Failure with the daemon's own words when it does not come up
     */
    Map<?, ?> start(List<String> options) throws IOException, InterruptedException {
        Path errors = errors();
        Process process = spawn(options, errors);
        Optional<Map<?, ?>> ready = awaitReady(process.pid(), ms -> process.waitFor(ms, TimeUnit.MILLISECONDS));
        if (ready.isEmpty()) {
            throw died(process.exitValue(), errors);
        }
        return ready.get();
    }

    /** Waits until the hub of this home is ready: its hub.status then, empty when the process ended before. */
    private Optional<Map<?, ?>> awaitReady(long pid, Ending ending) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READY_MS);
        int failing = 0;
        String broken = null;
        List<?> waiting = List.of();
        while (System.nanoTime() < until) {
            boolean ended = ending.within(LOOK_MS);
            Optional<Link> link = Link.open(call.place().socket(), call.run());
            if (link.isPresent()) {
                try (Link open = link.get()) {
                    Map<?, ?> health = open.ask("hub.health", Map.of(), 5_000);
                    if ("ready".equals(health.get("state")) || Boolean.TRUE.equals(health.get("ready"))) {
                        tell(looked(open, health, until));
                        return Optional.of(open.ask("hub.status", Map.of(), Invocation.DEADLINE_MS));
                    }
                    waiting = health.get("waiting") instanceof List<?> names ? names : waiting;
                    Optional<String> failed = failed(health);
                    failing = failed.isEmpty() ? 0 : failing + 1;
                    broken = failed.orElse(null);
                } catch (IOException | Failure notYet) {
                    waiting = List.of("the hub to answer: " + notYet.getMessage());
                }
                if (failing > FAILED_LOOKS) {
                    throw Failure.failed(
                            "Koshi (pid " + pid + ") does not get ready: " + broken + "; 'koshi stop' ends it.");
                }
            }
            if (ended) {
                return Optional.empty();
            }
        }
        throw Failure.failed("Koshi (pid " + pid + ") is not ready after " + READY_MS / 1000
                + " s, it waits for " + (waiting.isEmpty() ? "its first part" : join(waiting))
                + "; see 'koshi logs', and 'koshi stop' ends it.");
    }

    /** What the hub says of a room that is here and could not start. */
    private static Optional<String> failed(Map<?, ?> health) {
        return health.get("parts") instanceof List<?> parts
                ? parts.stream()
                        .filter(part -> part instanceof Map<?, ?> report
                                && "rooms".equals(report.get("name"))
                                && "unhealthy".equals(report.get("status")))
                        .map(part -> String.valueOf(((Map<?, ?>) part).get("message")))
                        .findFirst()
                : Optional.empty();
    }

    /** The health once the hub has looked at all of its rooms, which it does just after it is ready. */
    private static Map<?, ?> looked(Link open, Map<?, ?> first, long until) throws IOException, InterruptedException {
        Map<?, ?> health = first;
        while (looks(health) && System.nanoTime() < until) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            health = open.ask("hub.health", Map.of(), 5_000);
        }
        return health;
    }

    private static boolean looks(Map<?, ?> health) {
        return health.get("parts") instanceof List<?> parts
                && parts.stream()
                        .anyMatch(part -> part instanceof Map<?, ?> report
                                && report.get("data") instanceof Map<?, ?> data
                                && Boolean.FALSE.equals(data.get("looked")));
    }

    /** A hub that answers and lacks a room is not kept quiet about. */
    private void tell(Map<?, ?> health) {
        if ("unhealthy".equals(health.get("status"))) {
            call.err().println("Not all is well: " + health.get("error") + "; see 'koshi doctor'.");
        }
    }

    /** Waits until the process that served this home is gone; false when it is not in time. */
    static boolean gone(Optional<ProcessHandle> process, long timeoutMs) throws InterruptedException {
        if (process.isEmpty()) {
            return true;
        }
        try {
            process.get().onExit().get(timeoutMs, TimeUnit.MILLISECONDS);
            return true;
        } catch (java.util.concurrent.TimeoutException e) {
            return false;
        } catch (java.util.concurrent.ExecutionException e) {
            return !process.get().isAlive();
        }
    }

    private Process spawn(List<String> options, Path errors) throws IOException {
        Path distribution = call.place().distribution();
        if (distribution == null) {
            throw Failure.failed(
                    "Where the daemon is installed is not known; use the koshi script, or set KOSHI_DIST.");
        }
        Path script = distribution.resolve("bin").resolve("koshi-daemon");
        if (!Files.isExecutable(script)) {
            throw Failure.failed("There is no daemon at " + script + "; unpack the distribution again.");
        }
        List<String> command = new ArrayList<>();
        onPath(call, "setsid").or(() -> onPath(call, "nohup")).ifPresent(command::add);
        command.add(script.toString());
        command.addAll(options);
        command.add("--detached");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(errors.toFile())
                .redirectErrorStream(true);
        builder.environment().remove("KOSHI_CLI_OPTS");
        return builder.start();
    }

    /** The program, where the environment has it. */
    static Optional<String> onPath(Invocation call, String program) {
        for (String directory :
                call.environment().getOrDefault("PATH", "/usr/bin:/bin").split(":")) {
            Path file = Path.of(directory, program);
            if (Files.isExecutable(file)) {
                return Optional.of(file.toString());
            }
        }
        return Optional.empty();
    }

    /** Where the daemon's last words go: into its logs, or somewhere else when it cannot have any. */
    private Path errors() throws IOException {
        try {
            var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
            Files.createDirectories(call.place().home(), mode);
            Path logs = Files.createDirectories(call.place().home().resolve("logs"), mode);
            Path file = logs.resolve("start-error");
            Files.write(file, new byte[0]);
            return file;
        } catch (FileAlreadyExistsException e) {
            throw Failure.refused("Cannot use " + call.place().home() + " as home: " + e.getFile()
                    + " is no directory. Name another with --home DIR.");
        } catch (IOException e) {
            throw Failure.refused("Cannot use " + call.place().home() + " as home: " + reason(e)
                    + ". Make it your own, or name another with --home DIR.");
        }
    }

    private static String reason(IOException e) {
        String why = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        return why != null ? why : e instanceof AccessDeniedException ? "permission denied" : e.toString();
    }

    private static Failure died(int exit, Path errors) throws IOException {
        Optional<String> words = words(errors);
        String sentence = words.isPresent() ? words.get() : silent(exit, errors);
        return switch (exit) {
            case Failure.USAGE -> Failure.usage(sentence);
            case Failure.REFUSED -> Failure.refused(sentence);
            default -> Failure.failed(sentence);
        };
    }

    /** The end of what a daemon said; the JVM's note that it has seen JAVA_TOOL_OPTIONS is none of it. */
    static Optional<String> words(Path errors) throws IOException {
        List<String> lines = Files.readAllLines(errors, UTF_8).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("Picked up "))
                .toList();
        return lines.isEmpty()
                ? Optional.empty()
                : Optional.of(String.join(
                        System.lineSeparator(), lines.subList(Math.max(0, lines.size() - 5), lines.size())));
    }

    /** What can be said of a daemon whose words found no room on the disk, or that had none. */
    private static String silent(int exit, Path errors) throws IOException {
        if (exit == 0) {
            return "Koshi was stopped before it was ready.";
        }
        if (exit > SIGNALLED) {
            return "Koshi was ended by signal " + (exit - SIGNALLED) + " before it was ready; start it again.";
        }
        return Files.getFileStore(errors).getUsableSpace() < LEAST_DISK
                ? "Koshi could not start: the disk that holds " + errors + " is full. Free some space and try again."
                : "Koshi ended with exit code " + exit + " and said nothing; see 'koshi logs'.";
    }

    private static String join(List<?> names) {
        return String.join(", ", names.stream().map(String::valueOf).toList());
    }
}
