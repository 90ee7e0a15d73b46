package io.koshi.cli;

import java.io.EOFException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** {@code koshi stop}: lets the hub finish, and waits for its process to end. */
final class Stop {
    /** The hub drains for 30 s at most; the rest is for closing, and for the class archive of the next start. */
    private static final long GONE_MS = 120_000;

    private Stop() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        call.refuseChildren("stop");
        words.done();
        Map<?, ?> answer = stop(call).orElseThrow(() -> Failure.notRunning(call.place()));
        if (!call.printed(answer)) {
            call.out().println("koshi has stopped");
        }
        return 0;
    }

    /** Empty when there was nothing to stop. */
    static Optional<Map<?, ?>> stop(Invocation call) throws IOException, InterruptedException {
        Optional<ProcessHandle> process = call.place().process();
        Optional<Link> link = Link.open(call.place().socket(), call.run());
        if (link.isEmpty()) {
            Optional<ProcessHandle> starting = call.place().daemon(); // it does not listen yet
            return starting.isPresent() ? Optional.of(terminate(starting.get())) : Optional.empty();
        }
        try (Link open = link.get()) {
            Map<?, ?> answer = open.ask("hub.stop", Map.of(), Invocation.DEADLINE_MS);
            Optional<ProcessHandle> served = answer.get("pid") instanceof Long pid ? ProcessHandle.of(pid) : process;
            if (!Daemon.gone(served, GONE_MS)) {
                throw Failure.failed("Koshi still stops after " + GONE_MS / 1000 + " s; see 'koshi logs', or end pid "
                        + served.map(ProcessHandle::pid).orElse(0L) + " with kill -9: nothing accepted is lost.");
            }
            return Optional.of(answer);
        } catch (EOFException e) {
            if (!Daemon.gone(process, GONE_MS)) {
                throw call.gone();
            }
            return process.map(Stop::stopping); // it was on its way out already
        }
    }

    private static Map<?, ?> terminate(ProcessHandle process) throws InterruptedException {
        process.destroy();
        if (!Daemon.gone(Optional.of(process), GONE_MS)) {
            throw Failure.failed("Koshi (pid " + process.pid() + ") does not stop; see 'koshi logs'.");
        }
        return stopping(process);
    }

    private static Map<?, ?> stopping(ProcessHandle process) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("stopping", true);
        answer.put("pid", process.pid());
        return answer;
    }
}
