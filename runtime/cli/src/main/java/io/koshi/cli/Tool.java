package io.koshi.cli;

import java.io.IOException;
import java.util.Map;

/** {@code koshi tool}: what agents can do, and one of it done by hand. */
final class Tool {
    /** A tool may wait for a program that takes long. */
    private static final long PATIENCE_S = 600;

    private Tool() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        return switch (verb == null ? "list" : verb) {
            case "list" -> list(words, call);
            case "show" -> show(words, call);
            case "run" -> execute(words, call);
            default -> throw Failure.usage("koshi tool takes list, show or run, not '" + verb + "'.");
        };
    }

    private static int list(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        Map<?, ?> listing = call.ask("tool.list", Map.of());
        if (!call.printed(listing)) {
            call.out()
                    .print(Table.of(listing.get("tools"), "name", "audience", "readOnly", "description")
                            .text("no tools; 'koshi add files' brings some"));
        }
        return 0;
    }

    private static int show(Words words, Invocation call) throws IOException, InterruptedException {
        String name = words.next("a tool; 'koshi tool list' lists them");
        words.done();
        Map<?, ?> tool = call.ask("tool.describe", Map.of("name", name));
        if (!call.printed(tool)) {
            call.out().println(tool.get("name") + ", for the " + tool.get("audience") + ": " + tool.get("description"));
            call.out().println(Json.write(tool.get("parameters")));
        }
        return 0;
    }

    private static int execute(Words words, Invocation call) throws IOException, InterruptedException {
        long seconds = words.number(PATIENCE_S, "--timeout");
        String name = words.next("a tool; 'koshi tool list' lists them");
        String json = words.next();
        words.done();
        Map<?, ?> done = call.ask("tool.execute", Map.of("name", name, "args", Ask.params(json)), seconds * 1000);
        boolean ok = Boolean.TRUE.equals(done.get("ok"));
        if (!call.printed(done)) {
            (ok ? call.out() : call.err()).println(done.get("output"));
        }
        return ok ? 0 : Failure.FAILED;
    }
}
