package io.koshi.mcp.internal;

import io.koshi.api.Pools;
import io.koshi.auth.Auth;
import io.koshi.http.Outflow;
import io.koshi.rpc.Caller;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A response that stays open and carries messages as server-sent events. A comment every 15 s shows a client that the
 * hub is there, and the hub that the client has gone. Thread-safe.
 */
final class SseStream implements Outflow.Pipe, WriteListener, AsyncListener {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.mcp");
    private static final long ALIVE_SECONDS = 15;
    private static final byte[] ALIVE = ":\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] OPEN = ": open\n\n".getBytes(StandardCharsets.US_ASCII);

    private final AsyncContext exchange;
    private final ServletOutputStream out;
    private final Outflow flow;
    private volatile Runnable left = () -> {};
    private volatile Future<?> alive;
    private volatile AutoCloseable revocation = () -> {};
    private volatile boolean over;

    private SseStream(AsyncContext exchange, ServletOutputStream out, long mostBytes) {
        this.exchange = exchange;
        this.out = out;
        this.flow = new Outflow(this, mostBytes);
    }

    /** @param mostBytes that may wait for a client that does not read; it is let go beyond */
    static SseStream open(HttpServletRequest ask, HttpServletResponse answer, long mostBytes) throws IOException {
        answer.setContentType("text/event-stream");
        answer.setHeader("Cache-Control", "no-store");
        answer.setHeader("X-Accel-Buffering", "no");
        AsyncContext exchange = ask.startAsync();
        exchange.setTimeout(0); // until the client goes, or its token, or all is said
        SseStream stream = new SseStream(exchange, answer.getOutputStream(), mostBytes);
        exchange.addListener(stream);
        stream.out.setWriteListener(stream);
        stream.flow.add(OPEN); // so that the head goes out now
        return stream;
    }

    /**
     * Ends it with its token, and keeps it alive.
     *
     * @param then called when it has ended, at least once, with locks held: it must take none
     */
    void watch(Pools pools, Auth auth, Caller caller, Runnable then) {
        left = then;
        alive = pools.timer()
                .scheduleWithFixedDelay(() -> flow.add(ALIVE), ALIVE_SECONDS, ALIVE_SECONDS, TimeUnit.SECONDS);
        revocation = auth.onRevoked(caller, flow::close);
        if (over) {
            leave(); // it ended before there was anything to end with it
        }
    }

    /** A message as an event; with an id where it can be asked for again. */
    static byte[] frame(byte[] json, String id) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(json.length + 64);
        if (id != null) {
            frame.writeBytes(("id: " + id + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        frame.writeBytes("event: message\ndata: ".getBytes(StandardCharsets.US_ASCII));
        frame.writeBytes(json);
        frame.writeBytes("\n\n".getBytes(StandardCharsets.US_ASCII));
        return frame.toByteArray();
    }

    /** An id with nothing said: where a client that loses the stream now goes on from. */
    static byte[] place(String id) {
        return ("id: " + id + "\ndata: \n\n").getBytes(StandardCharsets.US_ASCII);
    }

    void send(byte[] frame) {
        flow.add(frame);
    }

    /** Ends it when all is sent. */
    void finish() {
        flow.end();
    }

    /** Ends it now. */
    void close() {
        flow.close();
    }

    @Override
    public boolean ready() {
        return out.isReady();
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        out.write(bytes);
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void end() {
        leave();
        try {
            exchange.complete();
        } catch (IllegalStateException ended) {
            LOG.debug("A stream had ended already");
        }
    }

    @Override
    public void onWritePossible() {
        flow.writable();
    }

    @Override
    public void onError(Throwable gone) {
        flow.close();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        flow.close();
    }

    @Override
    public void onError(AsyncEvent event) {
        flow.close();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        flow.close();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // never restarted
    }

    private void leave() {
        over = true;
        left.run();
        Future<?> comments = alive;
        if (comments != null) {
            comments.cancel(false);
        }
        try {
            revocation.close();
        } catch (Exception e) {
            LOG.debug("Leaving a stream", e);
        }
    }
}
