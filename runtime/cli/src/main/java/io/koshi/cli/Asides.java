package io.koshi.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Shows a person at a terminal what the hub says in the conversation without being asked: that a run waits for approval,
 * that work given out has ended. Thread-safe.
 */
final class Asides implements AutoCloseable {
    static final String TOPIC = "console.reply";
    private static final String PROMPT = "> ";

    private final Link link;
    private final String conversation;
    private final PrintStream out;
    private boolean asking;

    private Asides(Link link, String conversation, PrintStream out) {
        this.link = link;
        this.conversation = conversation;
        this.out = out;
    }

    /** Begins to listen on a connection of its own; empty when the hub has gone. */
    static Optional<Asides> open(Invocation call, String conversation) throws IOException {
        Optional<Link> link = Link.open(call.place().socket(), call.run());
        if (link.isEmpty()) {
            return Optional.empty();
        }
        link.get().ask("gateway.subscribe", Map.of("topics", List.of(TOPIC)), Invocation.DEADLINE_MS);
        Asides asides = new Asides(link.get(), conversation, call.out());
        Thread listener = new Thread(asides::listen, "koshi-asides");
        listener.setDaemon(true);
        listener.start();
        return Optional.of(asides);
    }

    /** What an event says unasked in a conversation. */
    static Optional<String> of(Map<?, ?> event, String conversation) {
        return TOPIC.equals(event.get("event"))
                        && event.get("payload") instanceof Map<?, ?> said
                        && conversation.equals(said.get("conversation"))
                        && said.get("inReplyTo") == null
                        && said.get("text") instanceof String words
                ? Optional.of(words)
                : Optional.empty();
    }

    /** Asks for the next line. */
    synchronized void ask() {
        asking = true;
        out.print(PROMPT);
        out.flush();
    }

    /** Shows the prompt again where it is waited for a line. */
    synchronized void askAgain() {
        if (asking) {
            ask();
        }
    }

    /** The line has come; its answer is shown now. */
    synchronized void taken() {
        asking = false;
    }

    private void listen() {
        try {
            while (true) {
                of(link.event(0), conversation).ifPresent(this::show);
            }
        } catch (IOException | Failure gone) {
            link.close(); // the next thing said tells the person
        }
    }

    private synchronized void show(String words) {
        out.print((asking ? "\r" : "\n") + words + "\n" + (asking ? PROMPT : ""));
        out.flush();
    }

    @Override
    public void close() {
        link.close();
    }
}
