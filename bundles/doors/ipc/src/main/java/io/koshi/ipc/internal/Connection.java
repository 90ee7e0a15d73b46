package io.koshi.ipc.internal;

import io.koshi.frame.Form;
import io.koshi.frame.Frames;
import io.koshi.frame.Guest;
import io.koshi.frame.Line;
import io.koshi.rpc.Caller;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the socket: its thread reads frames, runs what is quick and writes answers in one go when no more
 * input waits. It has a selector of its own, so that a client that sends garbage, drips or never reads costs no other
 * client anything. What answers later is written by whoever finishes it, without waiting for the client.
 */
final class Connection implements Line, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final SocketChannel channel;
    private final Frames frames;
    private final Limits limits;
    private final Selector selector;
    private final Inlet inlet = new Inlet();
    private final Outlet outlet;
    private final Guest guest;
    private volatile Thread thread;
    private volatile boolean open = true;
    private volatile boolean held;
    private volatile boolean dismissed;
    private boolean reading;
    private long leavingAt;

    Connection(SocketChannel channel, Caller caller, Frames frames, Limits limits) throws IOException {
        this.channel = channel;
        this.frames = frames;
        this.limits = limits;
        this.outlet = new Outlet(channel);
        channel.configureBlocking(false);
        this.selector = Selector.open();
        this.guest = frames.open(caller, "ipc", this, stirred -> selector.wakeup());
    }

    /** Serves until the client goes, breaks the rules, or the thread is interrupted. */
    void run() {
        thread = Thread.currentThread();
        try {
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            while (open && !Thread.currentThread().isInterrupted()) {
                key.interestOps(interest());
                selector.select(1000);
                selector.selectedKeys().clear();
                if (key.isReadable() && !read()) {
                    break;
                }
                write();
                if (dismissed && leavingAt == 0) {
                    leave();
                }
                if (overdue()) {
                    break;
                }
            }
            outlet.write();
        } catch (IOException | ClosedSelectorException | CancelledKeyException gone) {
            LOG.debug("A client of the socket went away: {}", gone.getMessage());
        } finally {
            close();
        }
    }

    /** Whether nothing is under way and everything was written. */
    boolean idle() {
        return guest.idle();
    }

    /** Ends the connection; its thread then ends by itself. */
    @Override
    public void close() {
        open = false;
        outlet.close();
        guest.close();
        try {
            channel.close();
            selector.close();
        } catch (IOException e) {
            LOG.debug("Closing a connection", e);
        }
    }

    @Override
    public void send(Form form, byte[] frame) {
        outlet.add(frame);
    }

    @Override
    public void flush() {
        try {
            if (outlet.write()) {
                return;
            }
        } catch (IOException gone) {
            LOG.debug("A client of the socket went away: {}", gone.getMessage());
        }
        held = true;
        if (Thread.currentThread() != thread) {
            selector.wakeup(); // its thread waits for room
        }
    }

    @Override
    public long waiting() {
        return outlet.waiting();
    }

    @Override
    public void close(int code, String reason) {
        dismissed = true;
        selector.wakeup();
    }

    private void write() throws IOException {
        if (outlet.write() && held) {
            held = false;
            guest.drained();
        }
    }

    private int interest() {
        reading = !guest.full();
        return (reading ? SelectionKey.OP_READ : 0) | (outlet.waiting() == 0 ? 0 : SelectionKey.OP_WRITE);
    }

    private boolean overdue() {
        if (leavingAt != 0) {
            return System.nanoTime() - leavingAt > FAREWELL.toNanos();
        }
        if (outlet.stalledMs() > limits.stallTime().toMillis()) {
            LOG.warn("Closed a client of the socket that took nothing for {}", limits.stallTime());
            return true;
        }
        if (reading && inlet.unfinishedMs() > limits.frameTime().toMillis()) {
            LOG.warn("Closed a client of the socket that did not finish a frame within {}", limits.frameTime());
            return true;
        }
        return false;
    }

    private boolean read() throws IOException {
        if (!inlet.read(channel)) {
            return false;
        }
        if (leavingAt != 0) {
            inlet.discard();
            return true;
        }
        try {
            int most = frames.maxFrame();
            for (Optional<byte[]> frame = inlet.next(most); frame.isPresent(); frame = inlet.next(most)) {
                guest.take(Form.CBOR, frame.get());
            }
            inlet.compact();
        } catch (Inlet.FrameTooLarge e) {
            outlet.add(frames.tooLarge(Form.CBOR));
            leave();
        } finally {
            guest.settle();
        }
        return true;
    }

    /** Says no more, and listens for a moment so that the client can read why. */
    private void leave() throws IOException {
        outlet.write();
        inlet.discard();
        channel.shutdownOutput();
        leavingAt = System.nanoTime();
    }
}
