package io.koshi.model.command;

import io.koshi.api.Child;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Loop;
import io.koshi.api.Pools;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One program's run: it is told the prompt and heard, by threads of their own as pipes cannot be waited for otherwise, and
 * it is over when the program itself has ended, whatever it left running. Confined to one thread.
 */
final class Conversation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Conversation.class);
    private static final Object SILENT = new Object();
    private static final Object HUSHED = new Object();
    private static final int TAIL = 4096;
    private static final long MAX_HEARD = 64_000_000;

    /** How long what a program printed last may take to come through after it ended. */
    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    private final Child child;
    private final Patience patience;
    private final BlockingQueue<Object> heard = new ArrayBlockingQueue<>(256);
    private final StringBuilder complaint = new StringBuilder();
    private final Deque<Loop> loops = new ArrayDeque<>();

    /**
     * @param whole the longest a run may take
     * @param silence the longest it may print nothing
     */
    record Patience(Duration whole, Duration silence) {}

    Conversation(Child child, Pools pools, String name, String prompt, Patience patience) {
        this.child = child;
        this.patience = patience;
        loops.push(pools.loop(name + "-in", () -> tell(prompt)));
        loops.push(pools.loop(name + "-out", this::hear));
        loops.push(pools.loop(name + "-err", this::complain));
        loops.push(pools.loop(name + "-end", this::end));
    }

    private void tell(String prompt) {
        try (OutputStream in = child.in()) {
            in.write(prompt.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("The program did not read all it was told", e); // its exit code says more
        }
    }

    private void hear() throws InterruptedException {
        char[] some = new char[8192];
        try (Reader out = reader(child.out())) {
            for (int n = out.read(some); n >= 0; n = out.read(some)) {
                heard.put(new String(some, 0, n));
            }
        } catch (IOException e) {
            note("(its output broke off: " + e.getMessage() + ")");
        }
        heard.put(SILENT);
    }

    private void complain() throws InterruptedException {
        char[] some = new char[1024];
        try (Reader err = reader(child.err())) {
            for (int n = err.read(some); n >= 0; n = err.read(some)) {
                note(new String(some, 0, n));
            }
        } catch (IOException e) {
            note("(" + e.getMessage() + ")");
        }
        heard.put(HUSHED);
    }

    private void end() throws InterruptedException {
        OptionalInt code;
        do {
            code = child.await(patience.whole());
        } while (code.isEmpty());
        heard.put(code.getAsInt());
    }

    private static Reader reader(InputStream stream) {
        return new InputStreamReader(stream, StandardCharsets.UTF_8);
    }

    private void note(String more) {
        synchronized (complaint) {
            complaint.append(more);
            if (complaint.length() > 2 * TAIL) {
                complaint.delete(0, complaint.length() - TAIL);
            }
        }
    }

    String complaint() {
        synchronized (complaint) {
            return complaint.toString();
        }
    }

    /**
     * Hears it to its end.
     *
     * @return its exit code
     * @throws KoshiException TIMEOUT when it takes too long or is silent too long, TOO_LARGE when it does not stop
     */
    int listen(Hearing hearing) throws InterruptedException {
        long deadline = System.nanoTime() + patience.whole().toNanos();
        OptionalInt code = OptionalInt.empty();
        boolean silent = false;
        boolean hushed = false;
        long size = 0;
        while (code.isEmpty() || !silent || !hushed) {
            long wait = deadline - System.nanoTime();
            Object next = heard.poll(
                    Math.max(
                            0, silent ? wait : Math.min(wait, patience.silence().toNanos())),
                    TimeUnit.NANOSECONDS);
            if (next == null && code.isPresent()) {
                break; // something it left running holds the pipe
            }
            if (next == null) {
                throw tooLong(deadline);
            }
            if (next == SILENT) {
                silent = true;
            } else if (next == HUSHED) {
                hushed = true;
            } else if (next instanceof Integer exit) {
                code = OptionalInt.of(exit);
                deadline = Math.min(deadline, System.nanoTime() + LAST_WORDS.toNanos());
            } else {
                String words = (String) next;
                size += words.length();
                if (size > MAX_HEARD) {
                    throw new KoshiException(ErrorCode.TOO_LARGE, "the program does not stop printing");
                }
                hearing.hear(words);
            }
        }
        return code.getAsInt();
    }

    private KoshiException tooLong(long deadline) {
        boolean over = System.nanoTime() >= deadline;
        return new KoshiException(
                ErrorCode.TIMEOUT,
                over
                        ? "the program did not end within " + patience.whole().toSeconds() + " s and was stopped"
                        : "the program printed nothing for "
                                + patience.silence().toSeconds() + " s and was stopped");
    }

    /** Ends the program and all it started. */
    @Override
    public void close() {
        child.close();
        loops.forEach(Loop::close);
    }
}
