package io.koshi.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What a person types: messages for the hub, and a y or n for what a run asks while its answer is awaited. Only a line
 * typed after the question is an answer to it. Thread-safe.
 */
final class Typed {
    private static final Set<String> YES = Set.of("y", "yes", "/approve");
    private static final Set<String> NO = Set.of("n", "no", "/deny");

    private final BufferedReader in;
    private final PrintStream out;
    private final Decider decider;
    private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
    private final Deque<Question> open = new ArrayDeque<>(); // guarded by this
    private boolean reading; // guarded by this

    /** Tells the hub what was decided. */
    interface Decider {
        void decide(String id, boolean allow) throws IOException, InterruptedException;
    }

    private record Question(String id, String words) {}

    Typed(BufferedReader in, PrintStream out, Decider decider) {
        this.in = in;
        this.out = out;
        this.decider = decider;
    }

    /** The next line that is no answer to a question; empty at the end. */
    Optional<String> next() throws InterruptedException {
        begin();
        Optional<String> line = lines.take();
        if (line.isEmpty()) {
            lines.add(line); // the end stays the end
        }
        return line;
    }

    /** Puts what a run in this session asks, and takes back what is decided. */
    synchronized void hear(Map<?, ?> event, String sessionKey) {
        if (!(event.get("payload") instanceof Map<?, ?> payload)) {
            return;
        }
        String id = String.valueOf(payload.get("id"));
        if ("approval.requested".equals(event.get("event")) && sessionKey.equals(payload.get("sessionKey"))) {
            open.add(new Question(id, payload.get("tool") + " " + Json.write(payload.get("args"))));
            if (open.size() == 1) {
                ask();
            }
            begin();
        } else if ("approval.decided".equals(event.get("event"))
                && open.removeIf(question -> question.id().equals(id))) {
            out.println("\n" + ("allow".equals(payload.get("decision")) ? "allowed" : "denied") + " by "
                    + payload.get("by"));
            if (!open.isEmpty()) {
                ask();
            }
        }
    }

    private void ask() {
        out.print("\nMay it run " + open.getFirst().words() + "? [y/n] ");
        out.flush();
    }

    private synchronized void begin() {
        if (!reading) {
            reading = true;
            Thread reader = new Thread(this::read, "koshi-typed");
            reader.setDaemon(true);
            reader.start();
        }
    }

    private void read() {
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                take(line);
            }
        } catch (IOException end) {
            // as at the end of the input
        }
        lines.add(Optional.empty());
    }

    private void take(String line) {
        Question question;
        String word = line.strip().toLowerCase(Locale.ROOT).split("\\s+", 2)[0];
        synchronized (this) {
            if (open.isEmpty()) {
                lines.add(Optional.of(line));
                return;
            }
            if (!YES.contains(word) && !NO.contains(word)) {
                out.print("y or n? ");
                out.flush();
                return;
            }
            question = open.getFirst();
        }
        try {
            decider.decide(question.id(), YES.contains(word));
        } catch (IOException | Failure e) {
            out.println("It could not be decided: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
