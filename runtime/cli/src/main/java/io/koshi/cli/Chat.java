package io.koshi.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * {@code koshi chat [TEXT]}: says something on the console channel and shows the answer while it is made. An answer
 * is known by the id of the message it answers, so that two people on one console do not read each other's. What the hub
 * says there unasked is for whoever listens.
 */
final class Chat {
    private static final List<String> TOPICS = List.of("run.*", "message.*", "console.*", "approval.*");

    /** How long the hub's own words on a failure are waited for. */
    private static final long WORDS_MS = 10_000;

    private final Invocation call;
    private final String conversation;
    private final long timeoutMs;
    private final Optional<Typed> typed;
    private Link link;
    private boolean person;

    private Chat(Invocation call, String conversation, long timeoutMs) {
        this.call = call;
        this.conversation = conversation;
        this.timeoutMs = timeoutMs;
        this.typed = System.console() != null && !call.json()
                ? Optional.of(new Typed(
                        new BufferedReader(new InputStreamReader(call.in(), UTF_8)), call.out(), this::decide))
                : Optional.empty();
    }

    private void decide(String id, boolean allow) throws IOException, InterruptedException {
        call.refuseChildren(allow ? "approve" : "deny");
        call.ask("approval.decide", Map.of("id", id, "decision", allow ? "allow" : "deny"));
    }

    static int run(Words words, Invocation call) throws IOException, InterruptedException {
        String conversation = words.option("--conversation", "-c");
        long seconds = words.number(300, "--timeout");
        if (seconds < 1) {
            throw Failure.usage("--timeout is in seconds, and at least 1.");
        }
        String text = words.text();
        Chat chat = new Chat(call, conversation == null ? "main" : conversation, seconds * 1000);
        try {
            chat.connect();
            TerminalKeys.endsItsLine(call.out());
            return text.isEmpty() ? chat.lines() : chat.say(text);
        } catch (EOFException e) {
            throw chat.gone();
        } finally {
            chat.close();
        }
    }

    private void connect() throws IOException, InterruptedException {
        close();
        link = call.reach();
        link.ask("gateway.subscribe", Map.of("topics", TOPICS), Invocation.DEADLINE_MS);
    }

    private void close() {
        if (link != null) {
            link.close();
        }
    }

    private Failure gone() {
        return Failure.failed("The hub went away before it answered; what was said is kept, and is answered when "
                + "it is back: see 'koshi session show console:" + conversation + "'.");
    }

    private int lines() throws IOException, InterruptedException {
        Optional<Asides> asides =
                System.console() != null && !call.json() ? Asides.open(call, conversation) : Optional.empty();
        person = asides.isPresent();
        if (person) {
            call.out().println("Say something; /help tells what the hub understands, Ctrl-D ends the chat.");
            TerminalKeys.showsAgain(() -> asides.ifPresent(Asides::askAgain));
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(call.in(), UTF_8));
        int exit = 0;
        try {
            while (true) {
                asides.ifPresent(Asides::ask);
                String line = typed.isPresent() ? typed.get().next().orElse(null) : in.readLine();
                asides.ifPresent(Asides::taken);
                if (line == null || Set.of("/exit", "/quit").contains(line.strip())) {
                    if (line == null && person) {
                        call.out().println(); // the prompt's line ends here, not the shell's next one
                    }
                    return exit;
                }
                if (!line.isBlank()) {
                    exit = answered(line);
                }
            }
        } finally {
            asides.ifPresent(Asides::close);
        }
    }

    /** A hub that went away while it answered does not end the chat: the next line finds it again, or starts it. */
    private int answered(String line) throws IOException, InterruptedException {
        try {
            return say(line);
        } catch (EOFException e) {
            Failure gone = gone();
            call.err().println(call.json() ? Json.write(gone.frame()) : gone.getMessage());
            return gone.exit();
        }
    }

    private int say(String text) throws IOException, InterruptedException {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("channel", "console");
        message.put("conversation", conversation);
        message.put("text", text);
        message.put("externalId", "chat-" + ProcessHandle.current().pid() + "-" + System.nanoTime());
        Map<?, ?> accepted;
        try {
            accepted = link.ask("channel.receive", message, Invocation.DEADLINE_MS);
        } catch (IOException away) { // since the last answer; under the same id nothing is said twice
            connect();
            accepted = link.ask("channel.receive", message, Invocation.DEADLINE_MS);
        }
        Answer answer = new Answer(String.valueOf(accepted.get("id")), call);
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (!answer.complete()) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            try {
                Map<?, ?> event = link.event(Math.max(1, answer.failed() ? Math.min(left, WORDS_MS) : left));
                answer.take(event);
                aside(event);
                typed.ifPresent(person -> person.hear(event, answer.sessionKey()));
            } catch (Failure e) {
                if (!e.code().equals("TIMEOUT")) {
                    throw e;
                }
                if (!answer.failed()) {
                    throw late(answer.id());
                }
                return answer.without();
            }
        }
        return answer.exit();
    }

    /** What the hub asks meanwhile is not lost on a person, and does not get into an answer that a program reads. */
    private void aside(Map<?, ?> event) {
        if (!person && !call.json()) {
            Asides.of(event, conversation).ifPresent(call.err()::println);
        }
    }

    private Failure late(String id) {
        return Failure.timeout("No answer within " + timeoutMs / 1000 + " s; 'koshi trace " + id
                + "' shows how far the message is, and --timeout waits longer.");
    }

    /** What is heard of one message until it is answered. Confined to one thread. */
    private static final class Answer {
        private final String id;
        private final Invocation call;
        private final Set<Object> runs = new HashSet<>();
        private String sessionKey = "";
        private boolean streamed;
        private boolean said;
        private boolean complete;
        private String failure;
        private int exit;

        Answer(String id, Invocation call) {
            this.id = id;
            this.call = call;
        }

        String id() {
            return id;
        }

        boolean complete() {
            return complete;
        }

        /** Whose conversation it turned out to be in; empty before a run has begun. */
        String sessionKey() {
            return sessionKey;
        }

        int exit() {
            return exit;
        }

        /** Whether no answer comes any more, only the hub's word on why. */
        boolean failed() {
            return failure != null;
        }

        /** The end where that word did not come either. */
        int without() {
            ended(failure, 1);
            return exit;
        }

        void take(Map<?, ?> event) {
            Map<?, ?> payload = event.get("payload") instanceof Map<?, ?> map ? map : Map.of();
            String topic = String.valueOf(event.get("event"));
            if (topic.equals("run.started") && holds(payload.get("messageIds"))) {
                runs.add(payload.get("runId"));
                sessionKey = String.valueOf(payload.get("sessionKey"));
            }
            if (!mine(payload)) {
                return;
            }
            if (call.json()) {
                call.out().println(Json.write(event));
            }
            switch (topic) {
                case "run.delta" -> delta(payload);
                case "run.failed" -> failed(payload);
                case "run.completed" -> completed(payload);
                case "message.dropped" -> ended("Nobody answers: rule " + payload.get("rule") + " drops it.", 0);
                case "message.failed" -> {
                    if (Boolean.TRUE.equals(payload.get("final")) && !"run".equals(payload.get("stage"))) {
                        ended("It could not be dealt with: " + error(payload) + "; see 'koshi trace " + id + "'.", 1);
                    }
                }
                case "message.sent" -> sent(payload);
                default -> text(payload);
            }
        }

        private boolean mine(Map<?, ?> payload) {
            return runs.contains(payload.get("runId"))
                    || id.equals(payload.get("inReplyTo"))
                    || id.equals(payload.get("id"))
                    || holds(payload.get("ids"));
        }

        private boolean holds(Object ids) {
            return ids instanceof List<?> list && list.contains(id);
        }

        private void delta(Map<?, ?> payload) {
            if (streamed && Long.valueOf(0).equals(payload.get("index"))) {
                show("\n");
            }
            if (payload.get("delta") instanceof String words && !words.isEmpty()) {
                streamed = true;
                show(words);
            }
        }

        private void failed(Map<?, ?> payload) {
            if (Boolean.TRUE.equals(payload.get("willRetry")) && !call.json()) {
                call.err().println("The model failed (" + error(payload) + "); trying again.");
            }
        }

        private void completed(Map<?, ?> payload) {
            boolean success = Boolean.TRUE.equals(payload.get("success"));
            if (streamed) {
                show("\n");
            } else if (success && payload.get("response") instanceof String response && !response.isEmpty()) {
                show(response + "\n");
            }
            said = true;
            if ("failed".equals(payload.get("status"))) {
                // the hub says in the conversation what went wrong; that is the answer
                failure = "The answer could not be made: " + error(payload) + "; see 'koshi trace " + id + "'.";
                exit = 1;
            } else {
                ended(success ? null : "The answer could not be made: " + error(payload) + ".", success ? 0 : 1);
            }
        }

        /** A reply that no run made: a rule's, or the hub's own words. */
        private void text(Map<?, ?> payload) {
            if ((runs.isEmpty() || failed())
                    && payload.get("text") instanceof String words
                    && id.equals(payload.get("inReplyTo"))) {
                show(words + "\n");
                said = true;
                complete = true;
            }
        }

        private void sent(Map<?, ?> payload) {
            if (runs.isEmpty() && id.equals(payload.get("inReplyTo"))) {
                text(payload);
                complete = said;
            }
        }

        private void ended(String sentence, int code) {
            if (sentence != null && !call.json()) {
                call.err().println(sentence);
            }
            exit = code;
            complete = true;
        }

        private void show(String words) {
            if (!call.json()) {
                call.out().print(words);
                call.out().flush();
            }
        }

        private static Object error(Map<?, ?> payload) {
            Object error = payload.get("error");
            return error instanceof Map<?, ?> map ? map.get("message") : error == null ? "no reason given" : error;
        }
    }
}
