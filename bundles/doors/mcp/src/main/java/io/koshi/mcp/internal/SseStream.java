package io.koshi.mcp.internal;

import io.koshi.auth.Auth;
import io.koshi.http.Outflow;
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
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A response that stays open and carries what a session is told, as server-sent events. Thread-safe. */
final class NoticeStream implements Outflow.Pipe, WriteListener, AsyncListener {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.mcp");
    private static final long MOST_BYTES = 256 << 10;

    private final Guest guest;
    private final AsyncContext exchange;
    private final ServletOutputStream out;
    private final Outflow flow = new Outflow(this, MOST_BYTES);
    private final Consumer<Guest.Notice> ear = notice -> flow.add(frame(notice.json(), notice.number()));
    private volatile AutoCloseable revocation = () -> {};

    private NoticeStream(Guest guest, AsyncContext exchange, ServletOutputStream out) {
        this.guest = guest;
        this.exchange = exchange;
        this.out = out;
    }

    static void open(Guest guest, Auth auth, HttpServletRequest ask, HttpServletResponse answer) throws IOException {
        answer.setContentType("text/event-stream");
        answer.setHeader("Cache-Control", "no-store");
        answer.setHeader("X-Accel-Buffering", "no");
        AsyncContext exchange = ask.startAsync();
        exchange.setTimeout(0); // until the client goes, or its token
        NoticeStream stream = new NoticeStream(guest, exchange, answer.getOutputStream());
        exchange.addListener(stream);
        stream.out.setWriteListener(stream);
        stream.flow.add(": open\n\n".getBytes(StandardCharsets.US_ASCII)); // so that the head goes out now
        guest.listen(since(ask.getHeader("Last-Event-ID")), stream.ear);
        stream.revocation = auth.onRevoked(guest.caller(), stream.flow::close);
    }

    /** A message as an event; without a number it is one that is not kept. */
    static byte[] frame(byte[] json, long number) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(json.length + 48);
        if (number >= 0) {
            frame.writeBytes(("id: " + number + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        frame.writeBytes("event: message\ndata: ".getBytes(StandardCharsets.US_ASCII));
        frame.writeBytes(json);
        frame.writeBytes("\n\n".getBytes(StandardCharsets.US_ASCII));
        return frame.toByteArray();
    }

    private static long since(String lastEventId) {
        try {
            return lastEventId == null ? -1 : Long.parseLong(lastEventId.strip());
        } catch (NumberFormatException notOurs) {
            return -1;
        }
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
        } catch (IllegalStateException over) {
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
        leave();
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
        guest.deafen(ear);
        try {
            revocation.close();
        } catch (Exception e) {
            LOG.debug("Leaving a stream", e);
        }
    }
}
