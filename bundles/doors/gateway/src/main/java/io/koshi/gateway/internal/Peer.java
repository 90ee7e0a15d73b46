package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket client (RFC 6455), whatever carries its bytes. A transport feeds {@link #read} from one thread at a
 * time; everything else is thread-safe.
 */
final class Peer implements Inflow.Sink {
    static final int GONE_AWAY = 1001;
    static final int ABNORMAL = 1006;
    static final int POLICY = 1008;
    static final int BROKEN = 1011;

    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.gateway");
    private static final long FAREWELL_MS = Duration.ofSeconds(2).toMillis();
    private static final long LONGEST_FAREWELL_MS = Duration.ofSeconds(30).toMillis();
    private static final byte[] PING = "koshi".getBytes(UTF_8);

    private final Patience patience;
    private final long ownPingMs;
    private final Consumer<Peer> forget;
    private final Pipe pipe;
    private final Hearer hearer;
    private final Inflow inflow;
    private final Outflow outflow;
    private final AtomicBoolean leaving = new AtomicBoolean();
    private final AtomicBoolean gone = new AtomicBoolean();
    private final AtomicBoolean paused = new AtomicBoolean();
    private volatile long heardAt = System.nanoTime();
    private volatile long pingedAt = heardAt;
    private volatile long leftAt;
    private volatile int code = ABNORMAL;
    private volatile String reason = "";

    /**
     * @param most the longest message
     * @param pingMs how often it is pinged; 0 for as often as everybody
     * @param forget told when it is gone
     */
    Peer(Pipe pipe, Hearer hearer, IntSupplier most, Patience patience, long pingMs, Consumer<Peer> forget) {
        this.patience = patience;
        this.ownPingMs = pingMs;
        this.forget = forget;
        this.pipe = pipe;
        this.hearer = hearer;
        this.inflow = new Inflow(most);
        this.outflow = new Outflow(pipe);
    }

    /** The handshake is done. */
    void open() {
        hearer.opened(this);
    }

    /** Takes what came. */
    void read(ByteBuffer in) {
        heardAt = System.nanoTime();
        if (leftAt != 0) {
            in.position(in.limit()); // it was told to go: nothing counts any more
            return;
        }
        try {
            inflow.take(in, this);
        } catch (Violation e) {
            in.position(in.limit());
            if (e.code() == Violation.TOO_LARGE) {
                hearer.tooLarge(this);
            }
            close(e.code(), e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            LOG.error("A WebSocket's messages could not be dealt with", e);
            close(BROKEN, "The hub failed at this; see its log.");
        }
        hearer.settle();
    }

    /** Whether the transport is to read on; where not, it is told with {@link Pipe#readOn}. */
    boolean wantsMore() {
        if (leftAt != 0 || !hearer.full()) {
            return true;
        }
        paused.set(true);
        return !hearer.full() && paused.compareAndSet(true, false);
    }

    /** The hearer may have room again. */
    void stir() {
        if (paused.get() && !hearer.full() && paused.compareAndSet(true, false)) {
            pipe.readOn();
        }
    }

    @Override
    public void message(boolean text, byte[] payload) {
        if (leftAt == 0) {
            hearer.message(this, text, payload);
        }
    }

    @Override
    public void control(int opcode, byte[] payload) throws Violation {
        if (leftAt != 0) {
            return; // nothing is said after a close frame
        }
        if (opcode == Inflow.PING) {
            outflow.add(Inflow.PONG, payload);
            flush();
        } else if (opcode == Inflow.CLOSE) {
            Farewell said = Farewell.of(payload);
            code = said.code();
            reason = said.reason();
            leave(payload.length == 0 ? payload : Arrays.copyOf(payload, 2));
        }
    }

    /** Puts a message behind the others, to go with the next {@link #flush}. */
    void send(boolean text, byte[] payload) {
        if (leftAt == 0) {
            outflow.add(text ? Inflow.TEXT : Inflow.BINARY, payload);
        }
    }

    CompletableFuture<Void> sent() {
        return outflow.sent();
    }

    void flush() {
        outflow.flush(this::emptied, this::gone);
    }

    int waiting() {
        return outflow.waiting();
    }

    private void emptied() {
        if (leftAt != 0) {
            pipe.finish();
            return;
        }
        hearer.drained();
        stir();
    }

    /** Ends it after what waits was sent, or soon. */
    void close(int why, String word) {
        code = why;
        reason = word;
        byte[] text = word.getBytes(UTF_8);
        byte[] payload = new byte[2 + Math.min(123, text.length)];
        payload[0] = (byte) (why >> 8);
        payload[1] = (byte) why;
        System.arraycopy(text, 0, payload, 2, payload.length - 2);
        leave(payload);
    }

    private void leave(byte[] farewell) {
        if (leaving.compareAndSet(false, true)) {
            outflow.add(Inflow.CLOSE, farewell);
            leftAt = System.nanoTime();
            flush();
            if (paused.compareAndSet(true, false)) {
                pipe.readOn();
            }
        }
    }

    /** The transport is gone. */
    void gone() {
        if (gone.compareAndSet(false, true)) {
            forget.accept(this);
            outflow.close();
            pipe.close();
            hearer.closed(code, reason);
        }
    }

    /** Whether the client waits for nothing. */
    boolean idle() {
        return hearer.idle();
    }

    /** Whether {@link #lookAfter} would do something; never blocks. */
    boolean needsLook(long now, long everybodysMs) {
        long pingMs = ownPingMs > 0 ? ownPingMs : everybodysMs;
        return leftAt != 0
                || ms(now - pingedAt) >= pingMs
                || ms(now - heardAt) > 3 * pingMs
                || outflow.stalledMs() > patience.stallMs()
                || inflow.unfinishedMs() > patience.messageMs();
    }

    /** Looks after it: pings it, and parts with it where it is dead, stuck or slow. */
    void lookAfter(long now, long everybodysMs) {
        long pingMs = ownPingMs > 0 ? ownPingMs : everybodysMs;
        if (leftAt != 0) {
            boolean silent = ms(now - leftAt) > FAREWELL_MS && ms(now - heardAt) > FAREWELL_MS;
            if (silent || ms(now - leftAt) > LONGEST_FAREWELL_MS) {
                gone(); // sooner, while it still sends, would reset the connection, and it would not read why
            }
        } else if (ms(now - heardAt) > 3 * pingMs) {
            LOG.debug("A WebSocket client has been silent for {} ms", ms(now - heardAt));
            gone();
        } else if (outflow.stalledMs() > patience.stallMs()) {
            LOG.warn("Closed a WebSocket client that took nothing for {} s", patience.stallMs() / 1000);
            gone();
        } else if (!paused.get() && inflow.unfinishedMs() > patience.messageMs()) {
            close(POLICY, "A message is sent within " + patience.messageMs() / 1000 + " s.");
        } else if (ms(now - pingedAt) >= pingMs) {
            pingedAt = now;
            if (outflow.waiting() == 0) {
                outflow.add(Inflow.PING, PING);
                flush();
            }
        }
    }

    private static long ms(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
