package io.koshi.swarm.internal;

import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Callback;

/**
 * Ends an exchange that was answered when what is left of its body has come, and throws that away: to end it sooner
 * resets the connection, and the reset overtakes an answer that a client reads only when it has sent all. It holds no
 * thread while it waits. Confined to the exchange.
 */
final class Remainder implements Runnable {
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final long MOST_BYTES = 32L << 20;

    private final Content.Source body;
    private final Callback end;
    private final long began = System.nanoTime();
    private long bytes;

    private Remainder(Content.Source body, Callback end) {
        this.body = body;
        this.end = end;
    }

    /** What is to be called when an answer has been written. */
    static Callback before(Content.Source body, Callback end) {
        return Callback.from(() -> new Remainder(body, end).run(), end::failed);
    }

    @Override
    public void run() {
        while (true) {
            Content.Chunk chunk = body.read();
            if (chunk == null) {
                body.demand(this);
                return;
            }
            bytes += chunk.remaining();
            boolean last = chunk.isLast() || Content.Chunk.isFailure(chunk);
            chunk.release();
            if (last) {
                end.succeeded();
                return;
            }
            if (bytes > MOST_BYTES || System.nanoTime() - began > LONGEST.toNanos()) {
                end.failed(new IOException("a body that nobody wants does not end"));
                return;
            }
        }
    }
}
