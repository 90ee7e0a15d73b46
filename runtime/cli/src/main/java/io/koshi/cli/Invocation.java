package io.koshi.cli;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;

/**
 * One call of the command: where, how to answer, and what it may do.
 *
 * @param json whether payloads are printed as they come, one line of JSON each
 * @param mayStart whether a hub that is not running may be started
 * @param run the run this process is a child of, null for a person's own shell
 */
record Invocation(
        Place place,
        boolean json,
        boolean mayStart,
        String run,
        Map<String, String> environment,
        InputStream in,
        PrintStream out,
        PrintStream err) {
    /** How long an ordinary method may take. */
    static final long DEADLINE_MS = 30_000;
    /** How long a change of plugins may take: a download may be part of it. */
    static final long LONG_MS = 600_000;

    /** Connects to a running hub. */
    Link connect() {
        return Link.open(place.socket(), run).orElseThrow(() -> Failure.notRunning(place));
    }

    /** Connects, starting the hub first where that is allowed. */
    Link reach() throws IOException, InterruptedException {
        var link = Link.open(place.socket(), run);
        if (link.isPresent()) {
            return link.get();
        }
        if (!mayStart) {
            throw Failure.notRunning(place);
        }
        refuseChildren("start");
        new Daemon(this).startQuietly();
        return connect();
    }

    Map<?, ?> ask(String method, Map<String, ?> params) throws IOException, InterruptedException {
        return ask(method, params, DEADLINE_MS);
    }

    /** Asks for one method and lets go of the hub. */
    Map<?, ?> ask(String method, Map<String, ?> params, long timeoutMs) throws IOException, InterruptedException {
        try (Link link = reach()) {
            return link.ask(method, params, timeoutMs);
        } catch (EOFException e) {
            throw gone();
        }
    }

    /** Prints a payload verbatim when JSON is wanted; whether it did. */
    boolean printed(Map<?, ?> payload) {
        if (json) {
            out.println(Json.write(payload));
        }
        return json;
    }

    /** What the hub started must not end, start or reload the hub. */
    void refuseChildren(String what) {
        inside().ifPresent(where -> {
            throw Failure.refused("This process was started by the hub itself (" + where + "), so it may not " + what
                    + " it; ask a person to run 'koshi " + what + "'.");
        });
    }

    /** Nor change how it is set up, or look at its secrets. */
    void refuseInside(String command) {
        inside().ifPresent(where -> {
            throw Failure.refused("This process was started by the hub itself (" + where
                    + "), so it may not use 'koshi " + command + "'; ask a person to.");
        });
    }

    /** What says that the hub started this: the mark in its environment, or the hub above it where that was taken out. */
    private Optional<String> inside() {
        if (run != null) {
            return Optional.of("run " + run);
        }
        Optional<ProcessHandle> hub = place.daemon();
        if (hub.isPresent()) {
            Optional<ProcessHandle> above = ProcessHandle.current().parent();
            while (above.isPresent()) {
                if (above.equals(hub)) {
                    return Optional.of("below process " + hub.get().pid());
                }
                above = above.get().parent();
            }
        }
        return Optional.empty();
    }

    Failure gone() {
        return Failure.failed("The hub went away before it answered; see 'koshi status' and 'koshi logs'.");
    }
}
