package io.koshi.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code koshi buffer}: how deep the inbox is, and what could not be dealt with. */
final class Buffer {
    private Buffer() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        return switch (verb == null ? "depth" : verb) {
            case "depth" -> depth(words, call);
            case "dead" -> dead(words, call);
            case "redrive" -> redrive(words, call);
            default -> throw Failure.usage("koshi buffer takes depth, dead or redrive, not '" + verb + "'.");
        };
    }

    private static int depth(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        Map<?, ?> depth = call.ask("buffer.depth", Map.of());
        if (!call.printed(depth)) {
            call.out()
                    .println(depth.get("unrouted") + " unrouted, the oldest for "
                            + Figures.words(depth.get("oldestAgeMs")) + ", " + depth.get("dead") + " dead");
            Table channels = Table.of(depth.get("channels"), "channel", "unrouted", "oldestAgeMs");
            if (!channels.empty()) {
                call.out().print(channels.text(""));
            }
        }
        return 0;
    }

    private static int dead(Words words, Invocation call) throws IOException, InterruptedException {
        long limit = words.number(50, "--limit", "-n");
        words.done();
        Map<?, ?> dead = call.ask("buffer.dead", Map.of("limit", limit));
        if (!call.printed(dead)) {
            call.out()
                    .print(Table.of(
                                    dead.get("entries"),
                                    "id",
                                    "channel",
                                    "conversation",
                                    "stage",
                                    "error.code",
                                    "error.message",
                                    "at")
                            .text("no dead letters"));
        }
        return 0;
    }

    private static int redrive(Words words, Invocation call) throws IOException, InterruptedException {
        boolean all = words.flag("--all");
        List<String> ids = words.all();
        if (all != ids.isEmpty()) {
            throw Failure.usage("Name the ids of dead letters ('koshi buffer dead' lists them), or say --all.");
        }
        Map<?, ?> done = call.ask("buffer.redrive", all ? Map.of("all", true) : Map.of("ids", ids));
        boolean some = all || !(done.get("redriven") instanceof Number number) || number.longValue() > 0;
        if (!call.printed(done)) {
            if (!some) {
                throw Failure.notFound("No dead letter has such an id; 'koshi buffer dead' lists them.");
            }
            call.out().println(done.get("redriven") + " will be tried again");
        }
        return some ? 0 : Failure.FAILED;
    }
}
