package io.koshi.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code koshi memories} and {@code session}: what the hub keeps. */
final class Records {
    private Records() {}

    static int memories(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        return switch (verb == null ? "stats" : verb) {
            case "stats" -> plain(words, call, "memory.stats", Map.of());
            case "show" -> {
                long limit = words.number(20, "--limit", "-n");
                yield found(words, call, "memory.peek", Map.of("limit", limit));
            }
            case "search" -> {
                long limit = words.number(10, "--limit", "-n");
                String query = words.text();
                if (query.isEmpty()) {
                    throw Failure.usage("Say what to look for; see 'koshi memories --help'.");
                }
                yield found(words, call, "memory.query", Map.of("query", query, "limit", limit));
            }
            default -> throw Failure.usage("koshi memories takes search, show or stats, not '" + verb + "'.");
        };
    }

    static int session(Words words, Invocation call) throws IOException, InterruptedException {
        String verb = words.next();
        long limit = words.number(50, "--limit", "-n");
        return switch (verb == null ? "list" : verb) {
            case "list" ->
                table(
                        words,
                        call,
                        "session.list",
                        Map.of("limit", limit),
                        "sessions",
                        "no sessions",
                        "sessionKey",
                        "messages",
                        "updatedAt");
            case "show" -> history(words, call, limit);
            default -> throw Failure.usage("koshi session takes list or show, not '" + verb + "'.");
        };
    }

    private static int history(Words words, Invocation call, long limit) throws IOException, InterruptedException {
        String key = words.next("a session; 'koshi session list' lists them");
        words.done();
        Map<?, ?> history = call.ask("session.history", Map.of("sessionKey", key, "limit", limit));
        if (!call.printed(history) && history.get("messages") instanceof List<?> lines) {
            for (Object each : lines) {
                Map<?, ?> line = (Map<?, ?>) each;
                call.out().println(line.get("at") + " " + line.get("role") + ": " + line.get("content"));
            }
        }
        return 0;
    }

    private static int found(Words words, Invocation call, String method, Map<String, ?> params)
            throws IOException, InterruptedException {
        return table(words, call, method, params, "memories", "nothing found", "id", "tier", "score", "content");
    }

    private static int table(
            Words words,
            Invocation call,
            String method,
            Map<String, ?> params,
            String list,
            String none,
            String... fields)
            throws IOException, InterruptedException {
        words.done();
        Map<?, ?> answer = call.ask(method, params);
        if (!call.printed(answer)) {
            call.out().print(Table.of(answer.get(list), fields).text(none));
        }
        return 0;
    }

    private static int plain(Words words, Invocation call, String method, Map<String, ?> params)
            throws IOException, InterruptedException {
        words.done();
        Map<?, ?> answer = call.ask(method, params);
        if (!call.printed(answer)) {
            Table table = new Table("", "");
            answer.forEach((name, value) -> table.row(name, value));
            call.out().print(table.text("").stripLeading());
        }
        return 0;
    }

    private static void put(Map<String, Object> params, String name, String value) {
        if (value != null) {
            params.put(name, value);
        }
    }
}
