package io.koshi.outbox.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Pools;
import io.koshi.api.Ulid;
import io.koshi.channel.Channels;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.hub.Drain;
import io.koshi.outbox.Outbox;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps replies in the database until their platform has them. Thread-safe. */
@Component(
        name = "io.koshi.outbox",
        service = {Outbox.class, Drain.class, Health.class, DurableOutbox.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class DurableOutbox implements Outbox, Drain, Health {
    private static final Logger log = LoggerFactory.getLogger(DurableOutbox.class);
    private static final Duration LAST_WAIT = Duration.ofSeconds(2);
    private static final int MAX_CHARS = 1_000_000;
    private static final int MAX_PARTS = 1000;
    private static final String CUT_OFF = "the hub was killed " + Ledger.MOST_CUT_OFF
            + " times while sending it, so it may have arrived; redrive it to send it once more";

    private final Store store;
    private final Ledger ledger;
    private final Pools pools;
    private final Settings settings;
    private final Channels channels;
    private final Pace pace;
    private final Delivery delivery;
    private final Sweep sweep;
    private final Map<String, Port> ports = new ConcurrentHashMap<>();
    private final AutoCloseable watch;

    @Activate
    public DurableOutbox(
            @Reference Store store,
            @Reference Codec codec,
            @Reference Channels channels,
            @Reference Events events,
            @Reference Settings settings,
            @Reference Pools pools) {
        this(store, codec, channels, events, settings, pools, Pace.USUAL);
    }

    DurableOutbox(
            Store store, Codec codec, Channels channels, Events events, Settings settings, Pools pools, Pace pace) {
        this.store = store;
        this.channels = channels;
        this.settings = settings;
        this.pools = pools;
        this.pace = pace;
        ledger = new Ledger(codec);
        store.migrate(Ledger.ROOM, Ledger.STEPS);
        SendingEvents telling = new SendingEvents(events);
        Instant now = Instant.now();
        List<Ledger.Line> given = store.writeNow(tx -> ledger.recover(tx, now, CUT_OFF));
        given.forEach(line -> telling.failed(line, ErrorCode.INTERNAL, CUT_OFF, true));
        delivery = new Delivery(store, ledger, pools, settings, telling, pace, store.read(ledger::newest));
        sweep = new Sweep(store, ledger, pools, settings, telling);
        List<Address> waiting = store.read(ledger::open);
        if (!waiting.isEmpty()) {
            log.info("Replies wait in {} conversations from before the start", waiting.size());
        }
        waiting.forEach(to -> port(to.channel()).wake(to, true));
        watch = channels.onChange(name -> pools.work().execute(() -> changed(name)));
        // a channel that came between the two lines above
        ports.values().forEach(Port::arrived);
    }

    @Deactivate
    void close() throws Exception {
        watch.close();
        sweep.close();
        ports.values().forEach(Port::close);
        delivery.stop(LAST_WAIT);
    }

    @Override
    public String enqueue(Tx tx, Address to, List<Part> parts, Optional<String> inReplyTo, Optional<String> runId) {
        check(parts);
        String id = Ulid.next();
        Instant now = Instant.now();
        Instant expiresAt = expiry(now);
        ledger.insert(tx, id, to, parts, inReplyTo, runId, now, expiresAt);
        tx.afterCommit(() -> pools.work().execute(() -> {
            sweep.by(expiresAt);
            port(to.channel()).wake(to, false);
        }));
        return id;
    }

    private static void check(List<Part> parts) {
        long chars = 0;
        for (Part part : parts) {
            chars += part instanceof Part.Text text ? text.text().length() : 0;
        }
        if (parts.isEmpty() || parts.size() > MAX_PARTS) {
            throw KoshiException.invalid("/parts", "a reply has 1 to " + MAX_PARTS + " parts");
        }
        if (chars > MAX_CHARS) {
            throw new KoshiException(
                    ErrorCode.TOO_LARGE, "a reply has at most " + MAX_CHARS + " characters; send a blob or split it");
        }
    }

    private Instant expiry(Instant now) {
        return now.plus(Duration.ofHours(settings.config().outbox().expireHours()));
    }

    @Override
    public Stats stats() {
        return store.read(tx -> new Stats(ledger.countOpen(tx), ledger.countDead(tx)));
    }

    /** Dead letters after a place in the table, oldest first. */
    List<Ledger.Dead> dead(long after, int limit) {
        return store.read(tx -> ledger.dead(tx, after, limit));
    }

    /** Sends dead letters again; returns how many of the ids were some. */
    int redrive(List<String> ids) {
        Instant expiresAt = expiry(Instant.now());
        List<Address> woken = store.writeNow(tx -> ids.stream()
                .flatMap(id -> ledger.redrive(tx, id, expiresAt).stream())
                .toList());
        sweep.by(expiresAt);
        woken.forEach(to -> port(to.channel()).wake(to, false));
        return woken.size();
    }

    private Port port(String channel) {
        return ports.computeIfAbsent(channel, name -> new Port(name, channels, pools, pace, delivery));
    }

    private void changed(String channel) {
        if (channels.find(channel).isPresent() && ports.containsKey(channel)) {
            store.writeNow(tx -> {
                ledger.hurry(tx, channel);
                return null;
            });
            port(channel).arrived();
        }
    }

    @Override
    public int phase() {
        return 40;
    }

    @Override
    public void drain(Duration limit) throws InterruptedException {
        delivery.stop(limit);
        ports.values().forEach(Port::close);
    }

    @Override
    public Report health() {
        long hanging = delivery.hanging();
        Report report = hanging == 0
                ? Report.healthy("outbox", "core")
                : Report.degraded(
                        "outbox", "core", hanging + " sends hang in their channels; replace the plugin that hangs");
        return report.with(Map.of("hanging", hanging));
    }
}
