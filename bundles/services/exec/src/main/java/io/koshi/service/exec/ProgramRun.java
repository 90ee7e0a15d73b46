package io.koshi.service.exec;

import io.koshi.api.Child;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One program that runs: it is fed and read by threads of their own, and ends with all it started. Confined to one thread. */
final class ProgramRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProgramRun.class);

    /** Characters of each output that are kept. */
    static final int KEPT = 30_000;

    private static final long MOST = 64_000_000;

    /** How long what it printed last may take to come through. */
    private static final Duration LAST_WORDS = Duration.ofMillis(500);

    private final Child child;
    private final Kept out = new Kept(KEPT);
    private final Kept err = new Kept(KEPT);
    private final CountDownLatch read = new CountDownLatch(2);
    private final Deque<Loop> loops = new ArrayDeque<>();
    private volatile boolean tooMuch;

    ProgramRun(Child child, Pools pools, String input) {
        this.child = child;
        loops.push(pools.loop("exec-in", () -> feed(input)));
        loops.push(pools.loop("exec-out", () -> read(child.out(), out)));
        loops.push(pools.loop("exec-err", () -> read(child.err(), err)));
    }

    private void feed(String input) {
        try (OutputStream in = child.in()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.debug("The program did not read all of its input", e); // as many do that need only some
        }
    }

    private void read(InputStream stream, Kept kept) {
        char[] some = new char[8192];
        try (Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
            for (int n = reader.read(some); n >= 0; n = reader.read(some)) {
                if (kept.add(new String(some, 0, n)) > MOST) {
                    tooMuch = true;
                    child.kill();
                    break;
                }
            }
        } catch (IOException e) {
            err.add("(its output broke off)\n");
        } finally {
            read.countDown();
        }
    }

    /** How it ended; empty when it had to be stopped after this time. */
    OptionalInt await(Duration limit) throws InterruptedException {
        OptionalInt code = child.await(limit);
        if (code.isPresent()) {
            read.await(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS); // what it left running may hold its pipes
        }
        return code;
    }

    boolean tooMuch() {
        return tooMuch;
    }

    String out() {
        return out.text();
    }

    String err() {
        return err.text();
    }

    @Override
    public void close() {
        child.kill();
        loops.forEach(Loop::close);
    }
}
