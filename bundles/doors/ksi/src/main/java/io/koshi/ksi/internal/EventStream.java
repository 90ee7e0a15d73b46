package io.koshi.ksi.internal;

import io.koshi.codec.Codec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Gap;
import io.koshi.event.Subscription;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of {@code /ws}: the payload of each event of {@code events:*}, bare, as it comes. A client that takes
 * nothing for 10 s is put out; the bus counts what it loses meanwhile. One that only listens is pinged, or the server
 * would take its silence for its end. Thread-safe.
 */
public final class EventStream extends Session.Listener.AbstractAutoDemanding {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.ksi");
    private static final long PATIENCE_SECONDS = 10;
    private static final long PING_SECONDS = 10; // the server closes what says nothing for 30

    private final Events events;
    private final Codec codec;
    private final Scheduler timer;
    private volatile Subscription subscription;

    EventStream(Events events, Codec codec, Scheduler timer) {
        this.events = events;
        this.codec = codec;
        this.timer = timer;
    }

    @Override
    public void onWebSocketOpen(Session session) {
        super.onWebSocketOpen(session);
        subscription = events.subscribe(List.of("events:*"), -1, event -> bring(session, event));
        pingLater(session);
    }

    private void pingLater(Session session) {
        timer.schedule(
                () -> {
                    if (session.isOpen()) {
                        session.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
                        pingLater(session);
                    }
                },
                PING_SECONDS,
                TimeUnit.SECONDS);
    }

    @Override
    public void onWebSocketClose(int code, String reason) {
        end();
    }

    @Override
    public void onWebSocketError(Throwable failure) {
        end();
    }

    private void bring(Session session, Event event) {
        if (event.topic().equals(Gap.TOPIC)) {
            return; // its clients know nothing of gaps
        }
        CompletableFuture<Void> sent = new CompletableFuture<>();
        session.sendText(
                new String(codec.json(event.payload()), StandardCharsets.UTF_8),
                Callback.from(() -> sent.complete(null), sent::completeExceptionally));
        try {
            sent.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException slowOrGone) {
            LOG.debug("A client of the event stream is let go: {}", slowOrGone.toString());
            session.disconnect();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        Subscription open = subscription;
        if (open != null) {
            open.close();
        }
    }
}
