package io.koshi.service.mcp;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way to one server: opened by the first who asks, opened again when it has broken, and not too often where that
 * fails. Thread-safe.
 */
final class Line implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
    private static final int PATIENCE = 3;

    /** What is asked of an open link. */
    private interface Question<T> {
        T ask(Link link) throws InterruptedException;
    }

    private final String server;
    private final Launcher launcher;
    private final Wire.Listener listener;
    private final Duration handshake;
    private final ReentrantLock door = new ReentrantLock(true);
    private Wire opening;
    private Link link;
    private Duration pause = Duration.ZERO;
    private long notBefore = System.nanoTime();
    private int silent;
    private long used = System.nanoTime();
    private int busy;
    private boolean closed;
    private volatile Optional<String> trouble = Optional.empty();

    /**
     * @param listener also told that the tools may have changed, when a call has opened the line
     * @param handshake how long a server may take to be ready
     */
    Line(String server, Launcher launcher, Wire.Listener listener, Duration handshake) {
        this.server = server;
        this.launcher = launcher;
        this.listener = listener;
        this.handshake = handshake;
    }

    /** @throws KoshiException SERVICE_UNAVAILABLE while it is down; others as {@link Wire#request} */
    Map<String, Object> call(String tool, Map<String, Object> arguments, Duration limit) throws InterruptedException {
        return ask(link -> link.call(tool, arguments, limit), true);
    }

    List<Object> tools() throws InterruptedException {
        return ask(link -> link.tools(handshake), false);
    }

    private <T> T ask(Question<T> question, boolean tellOfNews) throws InterruptedException {
        Link open = acquire(tellOfNews);
        try {
            T answer = question.ask(open);
            answered();
            return answer;
        } catch (KoshiException e) {
            failed(open, e);
            throw e;
        } finally {
            release();
        }
    }

    private Link acquire(boolean tellOfNews) throws InterruptedException {
        door.lockInterruptibly();
        try {
            Optional<Link> known = known();
            Link open = known.isPresent() ? known.get() : entered(connect());
            if (known.isEmpty() && tellOfNews) {
                listener.notified(McpServer.CHANGED);
            }
            return open;
        } finally {
            door.unlock();
        }
    }

    /** The open link, one more using it; empty when one may be opened. */
    private synchronized Optional<Link> known() {
        if (closed) {
            throw gone();
        }
        if (link != null && !link.open()) {
            drop();
            hold(); // it broke by itself
        }
        if (link != null) {
            busy++;
            return Optional.of(link);
        }
        long wait = notBefore - System.nanoTime();
        if (wait > 0) {
            throw new KoshiException(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    "server " + server + " is down"
                            + trouble.map(why -> ": " + why).orElse("")
                            + "; it is tried again in " + (wait / 1_000_000_000 + 1) + " s");
        }
        return Optional.empty();
    }

    private Link connect() throws InterruptedException {
        try {
            return Link.open(this::openWire, handshake);
        } catch (KoshiException e) {
            refused(e.getMessage());
            throw e;
        } catch (IOException e) {
            refused(e.toString());
            throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "server " + server + " cannot be started: " + e, e);
        }
    }

    private Wire openWire() throws IOException {
        Wire wire = launcher.open(listener);
        boolean late;
        synchronized (this) {
            late = closed;
            opening = wire;
        }
        if (late) {
            wire.close();
            throw gone();
        }
        return wire;
    }

    private synchronized Link entered(Link fresh) {
        opening = null;
        if (closed) {
            fresh.close();
            throw gone();
        }
        link = fresh;
        busy++;
        return fresh;
    }

    private synchronized void refused(String why) {
        opening = null;
        trouble = Optional.of(why);
        hold();
    }

    private synchronized void release() {
        busy--;
        used = System.nanoTime();
    }

    private synchronized void answered() {
        pause = Duration.ZERO;
        silent = 0;
        trouble = Optional.empty();
    }

    private synchronized void failed(Link asked, KoshiException e) {
        if (e.code() == ErrorCode.METHOD_ERROR && asked.open()) {
            answered(); // it is there and says no
            return;
        }
        trouble = Optional.of(e.getMessage());
        silent = e.code() == ErrorCode.TIMEOUT ? silent + 1 : silent;
        if (asked == link && (!asked.open() || silent >= PATIENCE)) {
            drop();
            hold();
        }
    }

    private void hold() {
        Duration longer = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
        notBefore = System.nanoTime() + pause.toNanos();
    }

    private void drop() {
        if (link != null) {
            link.close();
            link = null;
            silent = 0;
        }
    }

    /** Lets go of a server nobody has asked for so long. */
    synchronized void rest(Duration idle) {
        if (busy == 0 && System.nanoTime() - used >= idle.toNanos()) {
            drop();
        }
    }

    synchronized boolean connected() {
        return link != null && link.open();
    }

    /** What went wrong last, empty while all is well. */
    Optional<String> trouble() {
        return trouble;
    }

    /** How long until it may be tried again; zero for now. */
    synchronized Duration pause() {
        return Duration.ofNanos(Math.max(0, notBefore - System.nanoTime()));
    }

    private KoshiException gone() {
        return new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "server " + server + " is not configured any more");
    }

    @Override
    public void close() {
        Wire half;
        synchronized (this) {
            closed = true;
            half = opening;
            drop();
        }
        if (half != null) {
            half.close(); // whoever shakes hands over it is told at once
        }
    }
}
