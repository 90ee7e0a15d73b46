package io.koshi.buffer.internal;

import io.koshi.api.Accepted;
import io.koshi.api.Cursor;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.Inbox;
import io.koshi.api.KoshiException;
import io.koshi.api.Message;
import io.koshi.api.Pools;
import io.koshi.buffer.Buffer;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.hub.Drain;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes messages in, keeps them, and brings them in batches to the router. Thread-safe. */
@Component(
        name = "io.koshi.buffer",
        service = {Inbox.class, Buffer.class, Drain.class, Health.class, DurableInbox.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class DurableInbox implements Inbox, Buffer, Drain, Health {
    private static final int ENTRIES_IN_MEMORY = 100_000;
    private static final long FIELD_BYTES_IN_MEMORY = 4 << 20;
    private static final long MARK_MILLIS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(DurableInbox.class);

    private final Store store;
    private final Settings settings;
    private final Pools pools;
    private final Map<Long, Instant> batched = new ConcurrentHashMap<>();
    private final Depth depth = new Depth();
    private final States states = new States(Clock.systemUTC(), batched::get);
    private final Entries entries;
    private final Waiting waiting;
    private final DeadLetters dead;
    private final Intake intake;
    private final Duration backoff;
    private volatile Delivery delivery;
    private volatile long marked;
    private volatile long markedAt;

    @Activate
    public DurableInbox(
            @Reference Store store,
            @Reference Settings settings,
            @Reference Events events,
            @Reference Pools pools,
            @Reference Codec codec) {
        this(
                store,
                settings,
                events,
                pools,
                codec,
                new Waiting.Limits(ENTRIES_IN_MEMORY, Runtime.getRuntime().maxMemory() / 8, FIELD_BYTES_IN_MEMORY),
                Duration.ofSeconds(1));
    }

    DurableInbox(
            Store store,
            Settings settings,
            Events events,
            Pools pools,
            Codec codec,
            Waiting.Limits limits,
            Duration backoff) {
        this.store = store;
        this.settings = settings;
        this.pools = pools;
        this.backoff = backoff;
        MessageForm form = new MessageForm(codec);
        entries = new Entries(store, form);
        marked = entries.mark();
        waiting = new Waiting(entries, depth, this::windowNanos, limits);
        dead = new DeadLetters(store, states, events, waiting::redriven);
        intake = new Intake(store, entries, form, waiting, events, settings, limits.bytes());
    }

    @Deactivate
    void close() {
        closeDelivery();
        try {
            long mark = waiting.mark();
            store.writeNow(tx -> {
                entries.mark(tx, mark);
                return null;
            });
        } catch (KoshiException e) {
            LOG.warn("The buffer's mark was not written; the next start looks through more: {}", e.getMessage());
        }
    }

    @Override
    public Accepted accept(Message message) {
        return intake.accept(message);
    }

    @Override
    public List<Accepted> accept(List<Message> messages, Cursor cursor) {
        return intake.accept(messages, cursor);
    }

    @Override
    public CompletionStage<Accepted> acceptAsync(Message message) {
        return intake.acceptAsync(message);
    }

    @Override
    public Optional<String> cursor(String channel, String name) {
        return entries.cursor(channel, name);
    }

    @Override
    public synchronized AutoCloseable open(Sink sink) {
        if (delivery != null) {
            throw new KoshiException(ErrorCode.CONFLICT, "the buffer has a sink already; close that one first");
        }
        Delivery opened = new Delivery(
                waiting,
                entries,
                dead,
                batched,
                batches -> {
                    sink.route(batches);
                    moveMark();
                },
                pools,
                backoff);
        delivery = opened;
        return () -> close(opened);
    }

    @Override
    public Optional<Entry> find(String id) {
        return entries.find(id);
    }

    @Override
    public void routed(Tx tx, List<Long> list, String rule) {
        states.routed(tx, list, rule);
    }

    @Override
    public void done(Tx tx, List<Long> list, Optional<String> rule) {
        states.done(tx, list, rule);
    }

    @Override
    public void doneIds(Tx tx, List<String> ids) {
        states.done(
                tx, ids.stream().flatMap(id -> States.entryOf(tx, id).stream()).toList(), Optional.empty());
    }

    @Override
    public void dropped(Tx tx, List<Long> list, String rule, String reason) {
        states.dropped(tx, list, rule, reason);
    }

    @Override
    public void dead(Tx tx, List<String> ids, String stage, ErrorCode code, String message) {
        ids.forEach(id -> dead.bury(tx, id, stage, code, message));
    }

    @Override
    public int phase() {
        return 10;
    }

    @Override
    public void drain(Duration limit) {
        intake.drain();
    }

    @Override
    public Report health() {
        int most = settings.config().buffer().warnDepth();
        long unrouted = depth.unrouted();
        Report report = depth.high(most)
                ? Report.degraded(
                        "buffer",
                        "core",
                        unrouted + " messages wait to be routed, more than buffer.warnDepth (" + most
                                + "); see 'koshi buffer depth'")
                : Report.healthy("buffer", "core");
        return report.with(Map.of("unrouted", unrouted, "dead", dead.count()));
    }

    Depth depth() {
        return depth;
    }

    Map<String, Long> oldest() {
        return waiting.oldest();
    }

    DeadLetters deadLetters() {
        return dead;
    }

    private synchronized void close(Delivery opened) {
        if (delivery == opened) {
            closeDelivery();
        }
    }

    private synchronized void closeDelivery() {
        if (delivery != null) {
            delivery.close();
            delivery = null;
        }
    }

    private long windowNanos() {
        return TimeUnit.MILLISECONDS.toNanos(settings.config().buffer().batchWindowMs());
    }

    /** Writes about once a second how far everything is routed, in whatever commit comes next. */
    private void moveMark() {
        long now = System.currentTimeMillis();
        if (now - markedAt < MARK_MILLIS) {
            return;
        }
        markedAt = now;
        depth.high(settings.config().buffer().warnDepth());
        long mark = waiting.mark();
        if (mark > marked) {
            marked = mark;
            store.write(tx -> {
                entries.mark(tx, mark);
                return null;
            });
        }
    }
}
