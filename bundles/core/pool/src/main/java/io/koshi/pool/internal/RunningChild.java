package io.koshi.pool.internal;

import io.koshi.api.Child;
import io.koshi.pool.internal.ChildLedger.Entry;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A program that runs for a bundle. Thread-safe. */
final class RunningChild implements Child {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.pool");
    private static final Duration POLITE = Duration.ofSeconds(2);
    private static final Duration CERTAIN = Duration.ofSeconds(5);

    private final Process process;
    private final Entry entry;
    private final ChildGroup group;
    private final Consumer<RunningChild> ended;
    private boolean closed;

    /** @param ended called once, when nothing of it runs any more */
    RunningChild(Process process, Entry entry, Consumer<RunningChild> ended) {
        this.process = process;
        this.entry = entry;
        this.group = new ChildGroup(entry);
        this.ended = ended;
    }

    Entry entry() {
        return entry;
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public OutputStream in() {
        return process.getOutputStream();
    }

    @Override
    public InputStream out() {
        return process.getInputStream();
    }

    @Override
    public InputStream err() {
        return process.getErrorStream();
    }

    @Override
    public OptionalInt await(Duration limit) throws InterruptedException {
        return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
                ? OptionalInt.of(process.exitValue())
                : OptionalInt.empty();
    }

    @Override
    public boolean alive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            group.terminate();
            try {
                process.waitFor(POLITE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // no more time to be polite
            }
        }
        kill();
    }

    @Override
    public synchronized void kill() {
        if (closed) {
            return;
        }
        closed = true;
        if (process.isAlive()) {
            process.destroyForcibly();
        }
        if (!group.kill(CERTAIN)) {
            LOG.warn("Some processes of {} (pid {}) do not end", entry.what(), entry.pid());
        }
        ended.accept(this);
    }
}
