package io.koshi.gateway.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.codec.Codec;
import io.koshi.codec.RawMap;
import io.koshi.frame.Form;
import io.koshi.frame.Guest;
import io.koshi.frame.Line;
import io.koshi.rpc.Caller;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listener of {@code /events}: a line on which only events go out. Thread-safe. */
final class EventStream implements Line, WriteListener {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.gateway");
    private static final byte[] KEEP_ALIVE = ":\n\n".getBytes(US_ASCII);
    private static final byte[] DATA = "\ndata: ".getBytes(US_ASCII);
    private static final byte[] END = "\n\n".getBytes(US_ASCII);
    private static final long STALL_MS = 30_000;

    private final AsyncContext context;
    private final String epoch;
    private final Codec codec;
    private final Consumer<EventStream> forget;
    private final AtomicBoolean gone = new AtomicBoolean();
    private volatile Guest guest;
    private volatile AutoCloseable care = () -> {};
    private volatile KoshiException refused;
    private volatile boolean fresh;

    // guarded by this
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(512);
    private ServletOutputStream out; // null before the start
    private long progress = System.nanoTime();
    private long seq = -1;

    EventStream(AsyncContext context, String epoch, Codec codec, Consumer<EventStream> forget) {
        this.context = context;
        this.epoch = epoch;
        this.codec = codec;
        this.forget = forget;
    }

    /** Subscribes; why not, where it may not. */
    Optional<KoshiException> begin(Peers peers, Caller caller, Map<String, Object> params) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("type", "req");
        request.put("id", "subscribe");
        request.put("method", "gateway.subscribe");
        request.put("params", params);
        fresh = !params.containsKey("since");
        guest = peers.frames().open(caller, "events", this, stirred -> {});
        guest.take(Form.JSON, codec.json(request));
        guest.settle();
        KoshiException why = refused;
        if (why != null) {
            guest.close();
        } else {
            care = peers.every(this::lookAfter);
        }
        return Optional.ofNullable(why);
    }

    /** Begins to write, when the answer's head is settled. */
    void start() throws IOException {
        synchronized (this) {
            out = context.getResponse().getOutputStream();
            pending.writeBytes(KEEP_ALIVE); // so that the head goes out at once
        }
        out.setWriteListener(this);
    }

    @Override
    public void send(Form form, byte[] frame) {
        RawMap read = (RawMap) codec.lazyObject(frame);
        if ("res".equals(read.member("type"))) {
            answered(read);
            return;
        }
        synchronized (this) {
            if (read.member("seq") instanceof Long number && !"gateway.gap".equals(read.member("event"))) {
                seq = number;
            }
            if (seq >= 0) {
                pending.writeBytes(("id: " + epoch + ":" + seq).getBytes(US_ASCII));
            }
            pending.writeBytes(DATA);
            pending.writeBytes(frame);
            pending.writeBytes(END);
        }
    }

    private void answered(RawMap answer) {
        if (Boolean.TRUE.equals(answer.member("ok"))) {
            if (answer.member("payload") instanceof Map<?, ?> begun && begun.get("seq") instanceof Long now) {
                synchronized (this) {
                    if (fresh) { // who comes back before the first event goes on from here
                        pending.writeBytes(("id: " + epoch + ":" + now + "\n\n").getBytes(US_ASCII));
                    }
                }
            }
        } else if (answer.member("error") instanceof Map<?, ?> error) {
            refused = new KoshiException(
                    ErrorCode.valueOf(String.valueOf(error.get("code"))), String.valueOf(error.get("message")));
        }
    }

    @Override
    public void flush() {
        boolean drained;
        synchronized (this) {
            drained = write();
        }
        Guest now = guest;
        if (drained && now != null) {
            now.drained();
        }
    }

    /** Writes what the container takes; whether all of it went. Called with the lock. */
    private boolean write() {
        if (out == null || gone.get()) {
            return false;
        }
        try {
            while (out.isReady()) {
                if (pending.size() == 0) {
                    return true;
                }
                byte[] bytes = pending.toByteArray();
                pending.reset();
                progress = System.nanoTime();
                out.write(bytes);
                if (out.isReady()) {
                    out.flush();
                }
            }
        } catch (IOException | IllegalStateException e) {
            LOG.debug("A listener of /events went away: {}", e.toString());
        }
        return false;
    }

    @Override
    public void onWritePossible() {
        flush();
    }

    @Override
    public void onError(Throwable failure) {
        end();
    }

    @Override
    public long waiting() {
        synchronized (this) {
            return pending.size();
        }
    }

    @Override
    public void close(int code, String reason) {
        synchronized (this) {
            pending.writeBytes((": " + reason + "\n\n").getBytes(UTF_8));
        }
        flush();
        end();
    }

    private void lookAfter() {
        synchronized (this) {
            if (pending.size() == 0) {
                pending.writeBytes(KEEP_ALIVE);
                progress = System.nanoTime();
            } else if (TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - progress) > STALL_MS) {
                LOG.warn("Closed a listener of /events that took nothing for {} s", STALL_MS / 1000);
                pending.reset();
                end();
                return;
            }
        }
        flush();
    }

    private void end() {
        if (gone.compareAndSet(false, true)) {
            forget.accept(this);
            try {
                care.close();
            } catch (Exception e) {
                LOG.debug("The care of a stream did not end", e);
            }
            guest.close();
            try {
                context.complete();
            } catch (IllegalStateException alreadyComplete) {
                LOG.debug("A stream had ended already");
            }
        }
    }
}
