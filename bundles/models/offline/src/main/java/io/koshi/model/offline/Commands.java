package io.koshi.model.offline;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Trust;
import io.koshi.model.ModelRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The slash commands, each over a method of the hub. Thread-safe. */
final class Commands {
    static final String HINT = "No language model is configured, so I look things up: /help says what I can do.";

    private static final String HELP = """
            Words I understand, whichever model thinks:
            /remember TEXT  keep something
            /recall WORDS   find it again, in memories and conversations
            /remind WHEN TEXT  say it here then: in 10 minutes, at 17:30, tomorrow 9:00, every 2h
            /forget ID      forget a memory for good
            /memory         count memories; /memory core, /memory show, /memory WORDS
            /sleep          distil what was remembered lately
            /approve, /deny answer what a tool waits for; with an ID where more than one does
            /agents         who works on what; /stop ends what goes on here
            /clear          begin anew here; /compact sums up what was said
            /model, /usage  which model answers, and what it has used
            /status         say how the hub is
            /trace ID       show a message's way through the hub
            /routes         show the rules messages are routed by
            /help           say this
            Anything else is for the language model. Where none is configured (agent.model in koshi.yaml names one), I look \
            it up in memories and conversations.""";

    private final Hub hub;
    private final Lookup lookup;
    private final MemoryCommands memoryCommands;

    Commands(Hub hub, Lookup lookup) {
        this.hub = hub;
        this.lookup = lookup;
        this.memoryCommands = new MemoryCommands(hub);
    }

    /** Empty when it is no command. */
    Optional<String> answer(String asked, ModelRequest request) {
        if (!asked.startsWith("/")) {
            return Optional.empty();
        }
        String[] words = asked.split("\\s+", 2);
        String rest = words.length > 1 ? words[1].strip() : "";
        String command = words[0].toLowerCase(Locale.ROOT);
        if (request.trust() == Trust.LOW && !command.equals("/help")) {
            return Optional.of("Commands are for people this hub knows; you are not on its list.");
        }
        return Optional.of(
                switch (command) {
                    case "/help" -> HELP;
                    case "/remember" -> remember(rest);
                    case "/recall" -> recall(rest, request);
                    case "/remind" -> remind(rest, request);
                    case "/forget" -> memoryCommands.forget(rest, request);
                    case "/memory", "/memories" -> memoryCommands.memory(rest);
                    case "/sleep" -> memoryCommands.sleep();
                    case "/status" -> status();
                    case "/trace" -> trace(rest);
                    case "/routes" -> routes();
                    default -> "I do not know " + words[0] + ". /help says what I can do.";
                });
    }

    private String remember(String text) {
        if (text.isEmpty()) {
            return "Say what to remember: /remember TEXT";
        }
        Object id = hub.ask("memory.store", Map.of("content", text, "source", "chat"))
                .get("id");
        return id instanceof Number number && number.longValue() < 0
                ? "I did not keep that: nothing was left once instructions to a model were taken out."
                : "Stored memory #" + id;
    }

    private String recall(String words, ModelRequest request) {
        if (words.isEmpty()) {
            return "Say what to look for: /recall WORDS";
        }
        List<String> found = lookup.find(words, request);
        return found.isEmpty() ? "I found nothing about that." : String.join("\n", found);
    }

    private String remind(String text, ModelRequest request) {
        if (!hub.has("cron.remind")) {
            throw new KoshiException(ErrorCode.NOT_FOUND, "this hub has no clock: io.koshi.cron is not installed");
        }
        Map<String, Object> made =
                hub.ask("cron.remind", Map.of("sessionKey", request.sessionKey(), "text", text.isEmpty() ? "?" : text));
        return "I will remind you at " + Hub.text(made, "local").replace('T', ' ') + ": " + Hub.text(made, "text")
                + "\n(koshi cron remove " + Hub.text(made, "id") + " takes it off)";
    }

    private String status() {
        Map<String, Object> status = hub.ask("hub.status", Map.of());
        List<String> lines = new ArrayList<>();
        lines.add(Hub.text(status, "name") + " " + Hub.text(status, "version") + " is " + Hub.text(status, "state"));
        for (Map<String, Object> channel : Hub.list(status, "channels")) {
            String detail = Hub.text(channel, "detail");
            lines.add("channel " + Hub.text(channel, "name") + ": " + Hub.text(channel, "state")
                    + (detail.isEmpty() ? "" : " (" + detail + ")"));
        }
        Map<String, Object> buffer = Hub.object(status, "buffer");
        Map<String, Object> outbox = Hub.object(status, "outbox");
        Map<String, Object> runs = Hub.object(status, "runs");
        Map<String, Object> store = Hub.object(status, "store");
        figure(lines, "unrouted messages", buffer, "unrouted");
        figure(lines, "dead letters", buffer, "dead");
        figure(lines, "replies to send", outbox, "pending");
        figure(lines, "runs active", runs, "active");
        figure(lines, "runs queued", runs, "queued");
        figure(lines, "memories", Hub.object(status, "memory"), "count");
        if (store.get("bytes") instanceof Number bytes && store.get("freeDiskBytes") instanceof Number free) {
            lines.add("database: " + megabytes(bytes) + " MB, free disk: " + megabytes(free) + " MB");
        }
        return String.join("\n", lines);
    }

    private static void figure(List<String> lines, String what, Map<String, Object> data, String name) {
        if (data.containsKey(name)) {
            lines.add(what + ": " + Hub.text(data, name));
        }
    }

    private static long megabytes(Number bytes) {
        return bytes.longValue() >> 20;
    }

    private String trace(String id) {
        if (id.isEmpty()) {
            return "Say which message, run or task: /trace ID";
        }
        Map<String, Object> trace = hub.ask("hub.trace", Map.of("id", id));
        List<String> lines = new ArrayList<>();
        lines.add(
                Hub.text(trace, "channel") + ":" + Hub.text(trace, "conversation") + " is " + Hub.text(trace, "state"));
        for (Map<String, Object> hop : Hub.list(trace, "hops")) {
            lines.add(Hub.text(hop, "at") + " " + Hub.text(hop, "hop") + " " + Hub.text(hop, "detail"));
        }
        return String.join("\n", lines);
    }

    private String routes() {
        if (!hub.has("route.list")) {
            throw new KoshiException(ErrorCode.NOT_FOUND, "this hub has no rules to show");
        }
        List<Map<String, Object>> routes = Hub.list(hub.ask("route.list", Map.of()), "routes");
        if (routes.isEmpty()) {
            return "There are no rules: every message goes to the agent.";
        }
        List<String> lines = new ArrayList<>();
        for (Map<String, Object> route : routes) {
            lines.add("- " + Hub.text(route, "rule") + ": " + Hub.text(route, "match") + " → "
                    + Hub.text(route, "action"));
        }
        return String.join("\n", lines);
    }
}
