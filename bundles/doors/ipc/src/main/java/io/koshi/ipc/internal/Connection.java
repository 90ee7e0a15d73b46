package io.koshi.ipc.internal;

import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.codec.Codec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Gap;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of the socket: its thread reads frames, runs what is quick and writes answers in one go when no more
 * input waits. It has a selector of its own, so that a client that sends garbage, drips or never reads costs no other
 * client anything. What answers later is written by whoever finishes it, without waiting for the client.
 */
final class Connection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final String SUBSCRIBE = "gateway.subscribe";
    private static final String UNSUBSCRIBE = "gateway.unsubscribe";
    private static final long LONGEST_DEADLINE_MS = 3_600_000;
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final SocketChannel channel;
    private final Caller caller;
    private final Registry registry;
    private final Codec codec;
    private final Limits limits;
    private final IntSupplier maxFrame;
    private final Frames frames;
    private final Selector selector;
    private final Inlet inlet = new Inlet();
    private final Outlet outlet;
    private final Subscriptions subscriptions;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile boolean open = true;
    private boolean reading;
    private long leavingAt;

    Connection(
            SocketChannel channel,
            Caller caller,
            Registry registry,
            Events events,
            Codec codec,
            Limits limits,
            IntSupplier maxFrame)
            throws IOException {
        this.channel = channel;
        this.caller = caller.through(Ulid.next());
        this.registry = registry;
        this.codec = codec;
        this.limits = limits;
        this.maxFrame = maxFrame;
        this.frames = new Frames(codec);
        this.outlet = new Outlet(channel, limits.backlog());
        this.subscriptions = new Subscriptions(events, this::bring);
        channel.configureBlocking(false);
        this.selector = Selector.open();
    }

    /** Serves until the client goes, breaks the rules, or the thread is interrupted. */
    void run() {
        try {
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            while (open && !Thread.currentThread().isInterrupted()) {
                key.interestOps(interest());
                selector.select(1000);
                selector.selectedKeys().clear();
                if (key.isReadable() && !read()) {
                    break;
                }
                outlet.write();
                if (overdue()) {
                    break;
                }
            }
            outlet.write();
        } catch (IOException | ClosedSelectorException | CancelledKeyException gone) {
            LOG.debug("A client of the socket went away: {}", gone.getMessage());
        } finally {
            close();
            registry.closed(caller);
        }
    }

    /** Whether nothing is under way and everything was written. */
    boolean idle() {
        return inFlight.get() == 0 && outlet.empty();
    }

    /** Ends the connection; its thread then ends by itself. */
    @Override
    public void close() {
        open = false;
        subscriptions.close();
        outlet.close();
        try {
            channel.close();
            selector.close();
        } catch (IOException e) {
            LOG.debug("Closing a connection", e);
        }
    }

    private int interest() {
        reading = inFlight.get() < limits.inFlight() && !outlet.full();
        return (reading ? SelectionKey.OP_READ : 0) | (outlet.empty() ? 0 : SelectionKey.OP_WRITE);
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
            for (Optional<byte[]> frame = inlet.next(maxFrame.getAsInt());
                    frame.isPresent();
                    frame = inlet.next(maxFrame.getAsInt())) {
                take(frame.get());
            }
            inlet.compact();
        } catch (Inlet.FrameTooLarge e) {
            String limit = "A frame has at most " + maxFrame.getAsInt() + " bytes (gateway.maxFrame).";
            outlet.add(frames.refusal(Frames.UNKNOWN, ErrorCode.TOO_LARGE, limit));
            leave();
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

    private void take(byte[] bytes) {
        Request request;
        try {
            request = Request.of(codec.parseCbor(bytes));
        } catch (Request.Malformed e) {
            outlet.add(frames.refusal(e.id(), ErrorCode.PARSE_ERROR, e.getMessage()));
            return;
        } catch (KoshiException e) {
            outlet.add(frames.refusal(Frames.UNKNOWN, e));
            return;
        }
        try {
            switch (request.method()) {
                case SUBSCRIBE -> subscribe(request);
                case UNSUBSCRIBE ->
                    outlet.add(frames.answer(request.id(), subscriptions.unsubscribe(request.params())));
                default -> call(request);
            }
        } catch (KoshiException e) {
            outlet.add(frames.refusal(request.id(), e));
        }
    }

    private void subscribe(Request request) {
        Subscriptions.Begun begun = subscriptions.subscribe(request.params());
        outlet.add(frames.answer(request.id(), begun.answer()));
        begun.gap().ifPresent(gap -> outlet.add(frames.notice("gateway", Gap.TOPIC, gap)));
        begun.begin().run();
    }

    private void call(Request request) {
        Caller who = request.run().map(run -> caller.as("run:" + run)).orElse(caller);
        Duration deadline = request.deadlineMs()
                .map(ms -> Duration.ofMillis(Math.max(1, Math.min(LONGEST_DEADLINE_MS, ms))))
                .orElse(Registry.DEADLINE);
        inFlight.incrementAndGet(); // before the call, so that a stop waits for the answer to itself
        CompletableFuture<Object> future =
                registry.call(who, request.method(), request.params(), deadline).toCompletableFuture();
        if (future.isDone()) {
            outlet.add(frame(request.id(), future));
            inFlight.decrementAndGet();
            return;
        }
        future.whenComplete((result, failure) -> {
            outlet.add(frame(request.id(), future));
            boolean held = inFlight.getAndDecrement() >= limits.inFlight();
            if (!written() || held) {
                selector.wakeup();
            }
        });
    }

    private byte[] frame(String id, CompletableFuture<Object> done) {
        try {
            Object result = done.join();
            byte[] frame = frames.answer(id, result == null ? Map.of() : result);
            if (frame.length - 4 <= maxFrame.getAsInt()) {
                return frame;
            }
            return frames.refusal(
                    id,
                    ErrorCode.TOO_LARGE,
                    "The answer has more than gateway.maxFrame; ask for less of it at a time.");
        } catch (CompletionException e) {
            return frames.refusal(id, known(e.getCause()));
        } catch (RuntimeException e) {
            return frames.refusal(id, known(e));
        }
    }

    private static KoshiException known(Throwable failure) {
        if (failure instanceof KoshiException known) {
            return known;
        }
        LOG.error("An answer could not be written", failure);
        return new KoshiException(ErrorCode.INTERNAL, "The answer could not be written; see the log.", failure);
    }

    private boolean written() {
        try {
            return outlet.write();
        } catch (IOException e) {
            return false;
        }
    }

    /** Brings an event, waiting for a slow client; the bus counts what it loses meanwhile. */
    private void bring(Event event) {
        try {
            if (outlet.awaitRoom() && outlet.add(frames.event(event))) {
                selector.wakeup();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("Event {} of {} could not be written", event.seq(), event.topic(), e);
        }
    }
}
