package io.koshi.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code koshi route}: which rule a message takes, and why. */
final class Route {
    private Route() {}

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next("explain, test or list");
        return switch (verb) {
            case "explain" -> show(call, call.ask("route.explain", Map.of("id", id(words))));
            case "test" -> show(call, call.ask("route.test", Map.of("message", message(words))));
            case "list" -> list(words, call);
            default -> throw Failure.usage("koshi route takes explain, test or list, not '" + verb + "'.");
        };
    }

    private static String id(Words words) {
        String id = words.next("the id of a message");
        words.done();
        return id;
    }

    private static Map<String, Object> message(Words words) {
        Map<String, Object> message = new LinkedHashMap<>();
        for (String name : new String[] {"conversation", "sender"}) {
            String value = words.option("--" + name);
            if (value != null) {
                message.put(name, value);
            }
        }
        String fields = words.option("--fields");
        if (fields != null) {
            message.put("fields", Ask.params(fields));
        }
        String channel = words.next("a channel");
        if (channel.startsWith("{")) { // a whole message, as route.test takes it
            Map<String, Object> whole = new LinkedHashMap<>(Ask.params(channel));
            whole.putAll(message);
            words.done();
            return whole;
        }
        message.put("channel", channel);
        String text = words.text();
        if (!text.isEmpty()) {
            message.put("text", text);
        }
        return message;
    }

    private static int list(Words words, Invocation call) throws IOException, InterruptedException {
        words.done();
        Map<?, ?> routes = call.ask("route.list", Map.of());
        if (!call.printed(routes)) {
            call.out()
                    .print(Table.of(routes.get("routes"), "rule", "match", "action")
                            .text("no rules"));
        }
        return 0;
    }

    private static int show(Invocation call, Map<?, ?> explanation) {
        if (!call.printed(explanation)) {
            call.out().println("rule " + explanation.get("rule") + " does " + Json.write(explanation.get("actions")));
            Table missed = Table.of(explanation.get("missed"), "rule", "path", "expected", "seen");
            if (!missed.empty()) {
                call.out().println("rules before it do not match:");
                call.out().print(missed.text(""));
            }
        }
        return 0;
    }
}
