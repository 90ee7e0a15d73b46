package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Map;
import java.util.Set;

/** {@code koshi gogo}: one line, or line after line, for the hub's OSGi shell; leaving it never stops the hub. */
final class Gogo {
    private static final Set<String> LEAVE = Set.of("exit", "quit", "logout", ":q");

    private Gogo() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String line = words.text();
        if (!line.isEmpty()) {
            return execute(line, null, call);
        }
        call.reach().close();
        BufferedReader in = new BufferedReader(new InputStreamReader(call.in(), UTF_8));
        String session = "cli-" + ProcessHandle.current().pid();
        boolean person = System.console() != null;
        int exit = 0;
        for (String next = prompt(in, person, call); next != null; next = prompt(in, person, call)) {
            if (LEAVE.contains(next.strip())) {
                break;
            }
            if (!next.isBlank()) {
                exit = execute(next, session, call);
            }
        }
        return exit;
    }

    private static String prompt(BufferedReader in, boolean person, Invocation call) throws IOException {
        if (person) {
            call.out().print("koshi> ");
            call.out().flush();
        }
        return in.readLine();
    }

    private static int execute(String line, String session, Invocation call) throws IOException, InterruptedException {
        Map<?, ?> done = call.ask(
                "shell.execute", session == null ? Map.of("line", line) : Map.of("line", line, "session", session));
        if (!call.printed(done)) {
            Object output = done.get("output");
            if (output instanceof String text && !text.isEmpty()) {
                call.out().print(text.endsWith("\n") ? text : text + "\n");
            }
            if (done.get("error") != null) {
                call.err().println(done.get("error"));
            }
        }
        return done.get("error") == null ? 0 : Failure.FAILED;
    }
}
