package io.koshi.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code koshi session}: the conversations the hub keeps. */
final class Records {
    private Records() {}

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
                        "kind",
                        "messages",
                        "tokens",
                        "updatedAt");
            case "show" -> history(words, call, limit);
            case "send" -> send(words, call);
            case "delete" -> delete(words, call);
            default -> throw Failure.usage("koshi session takes list, show, send or delete, not '" + verb + "'.");
        };
    }

    private static int send(Words words, Invocation call) throws IOException, InterruptedException {
        String key = words.next("a session; 'koshi session list' lists them");
        String text = words.text();
        if (text.isEmpty()) {
            throw Failure.usage("Say something: koshi session send KEY TEXT.");
        }
        Map<?, ?> sent = call.ask("session.send", Map.of("sessionKey", key, "text", text));
        if (!call.printed(sent)) {
            call.out().println("accepted as " + sent.get("id"));
        }
        return 0;
    }

    private static int delete(Words words, Invocation call) throws IOException, InterruptedException {
        String key = words.next("a session; 'koshi session list' lists them");
        words.done();
        Map<?, ?> deleted = call.ask("session.delete", Map.of("sessionKey", key));
        boolean gone = Boolean.TRUE.equals(deleted.get("deleted"));
        if (!call.printed(deleted)) {
            if (!gone) {
                throw Failure.notFound("There is no session " + key + "; 'koshi session list' lists them.");
            }
            call.out().println(key + " is forgotten");
        }
        return gone ? 0 : Failure.FAILED;
    }

    private static int history(Words words, Invocation call, long limit) throws IOException, InterruptedException {
        String key = words.next("a session; 'koshi session list' lists them");
        words.done();
        Map<?, ?> history = call.ask("session.history", Map.of("sessionKey", key, "limit", limit));
        if (!call.printed(history) && history.get("messages") instanceof List<?> lines) {
            if (lines.isEmpty()) {
                call.out().println("nothing was said in " + key + "; 'koshi session list' lists the sessions");
            }
            for (Object each : lines) {
                Map<?, ?> line = (Map<?, ?>) each;
                call.out().println(line.get("at") + " " + line.get("role") + ": " + line.get("content"));
            }
        }
        return 0;
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
