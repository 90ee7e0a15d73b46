package io.koshi.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Commands that ask for one method and show what it says. */
final class Ask {
    private Ask() {}

    /** {@code koshi call METHOD [JSON]}: any method, its payload as it comes. */
    static int call(Words words, Invocation call) throws IOException, InterruptedException {
        long seconds = words.number(30, "--timeout");
        String method = words.next("a method, for example hub.status");
        String json = words.next();
        words.done();
        call.out().println(Json.write(call.ask(method, params(json), seconds * 1000)));
        return 0;
    }

    /** Parameters as JSON text; none when there is no text. */
    static Map<String, ?> params(String json) {
        if (json == null) {
            return Map.of();
        }
        try {
            if (Json.read(json) instanceof Map<?, ?> map) {
                Map<String, Object> params = new LinkedHashMap<>();
                map.forEach((name, value) -> params.put((String) name, value));
                return params;
            }
            throw Failure.usage("Parameters are a JSON object, for example '{\"limit\":5}'.");
        } catch (IllegalArgumentException e) {
            throw Failure.usage("The parameters are no JSON: " + e.getMessage() + ".");
        }
    }

    /** {@code koshi send CHANNEL TARGET TEXT}. */
    static int send(Words words, Invocation call) throws IOException, InterruptedException {
        String channel = words.next("a channel");
        String target = words.next("whom on the channel");
        String text = words.text();
        if (text.isEmpty()) {
            throw Failure.usage("Say what to send; see 'koshi send --help'.");
        }
        Map<?, ?> sent = call.ask("channel.send", Map.of("channel", channel, "to", target, "text", text));
        if (!call.printed(sent)) {
            call.out().println("taken for sending" + (sent.get("id") == null ? "" : ", id " + sent.get("id")));
        }
        return 0;
    }

    /** {@code koshi trace ID}: every step of a message's way. */
    static int trace(Words words, Invocation call) throws IOException, InterruptedException {
        String ref = words.next("the id of a message, run or task, or a platform's own id");
        words.done();
        Map<?, ?> trace = call.ask("hub.trace", Map.of("id", ref));
        if (!call.printed(trace)) {
            call.out()
                    .println(trace.get("id") + " on " + trace.get("channel") + " in " + trace.get("conversation") + ": "
                            + trace.get("state"));
            Table table = new Table("at", "hop", "ref", "try", "ms", "detail");
            if (trace.get("hops") instanceof List<?> hops) {
                for (Object each : hops) {
                    Map<?, ?> hop = (Map<?, ?>) each;
                    table.row(
                            hop.get("at"),
                            hop.get("hop"),
                            hop.get("ref"),
                            hop.get("attempt"),
                            hop.get("ms"),
                            hop.get("detail"));
                }
            }
            call.out().print(table.text("no step is known"));
        }
        return 0;
    }

    /** {@code koshi reload}. */
    static int reload(Words words, Invocation call) throws IOException {
        call.refuseChildren("reload");
        words.done();
        try (Link link = call.connect()) {
            Map<?, ?> done = link.ask("hub.reload", Map.of(), Invocation.DEADLINE_MS);
            if (!call.printed(done)) {
                Object changed = done.get("changed");
                boolean nothing = !(changed instanceof List<?> list) || list.isEmpty();
                call.out().println(nothing ? "nothing has changed" : "changed: " + join((List<?>) changed));
            }
            return 0;
        }
    }

    static String join(List<?> names) {
        return String.join(", ", names.stream().map(String::valueOf).toList());
    }
}
