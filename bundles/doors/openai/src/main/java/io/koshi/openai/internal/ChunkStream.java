package io.koshi.openai.internal;

import io.koshi.codec.Codec;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A response of server-sent events; a client that goes, or does not read, ends it and nothing else. Thread-safe. */
final class ChunkStream implements Outflow.Pipe, WriteListener, AsyncListener {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.openai");
    private static final long MOST_BYTES = 4 << 20;

    private final Codec codec;
    private final AsyncContext exchange;
    private final ServletOutputStream out;
    private final Outflow flow = new Outflow(this, MOST_BYTES);
    private final Runnable gone;

    private ChunkStream(Codec codec, AsyncContext exchange, ServletOutputStream out, Runnable gone) {
        this.codec = codec;
        this.exchange = exchange;
        this.out = out;
        this.gone = gone;
    }

    /** @param gone called when the response has ended, whoever ended it */
    static ChunkStream open(Codec codec, HttpServletRequest ask, HttpServletResponse answer, Runnable gone)
            throws IOException {
        answer.setContentType("text/event-stream");
        answer.setHeader("Cache-Control", "no-store");
        answer.setHeader("X-Accel-Buffering", "no");
        AsyncContext exchange = ask.startAsync();
        exchange.setTimeout(0); // the run ends at its own deadline
        ChunkStream stream = new ChunkStream(codec, exchange, answer.getOutputStream(), gone);
        exchange.addListener(stream);
        stream.out.setWriteListener(stream);
        return stream;
    }

    void send(Object chunk) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream(256);
        frame.writeBytes("data: ".getBytes(StandardCharsets.US_ASCII));
        frame.writeBytes(codec.json(chunk));
        frame.writeBytes("\n\n".getBytes(StandardCharsets.US_ASCII));
        flow.add(frame.toByteArray());
    }

    /** A comment, so that proxies and the client see that the connection lives. */
    void alive() {
        flow.add(": still at it\n\n".getBytes(StandardCharsets.US_ASCII));
    }

    void done() {
        flow.add("data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII));
        flow.end();
    }

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
        gone.run();
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
    public void onError(Throwable lost) {
        flow.close();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        gone.run();
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
}
