package io.koshi.gateway.internal;

import io.koshi.api.Health;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.auth.Auth;
import io.koshi.auth.Knock;
import io.koshi.config.Settings;
import io.koshi.frame.Frames;
import io.koshi.hub.Drain;
import io.koshi.rpc.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Every WebSocket client there is; looks after them all. Thread-safe. */
@Component(
        name = "io.koshi.gateway.peers",
        service = {Peers.class, Drain.class, Health.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Peers implements Drain, Health {
    private static final int MOST = 10_000;
    private static final long ROUND_MS = 1000;

    private final Auth auth;
    private final Frames frames;
    private final Pools pools;
    private final Settings settings;
    private final Set<Peer> all = ConcurrentHashMap.newKeySet();
    private volatile ScheduledFuture<?> rounds; // null before the first client
    private volatile boolean closed;

    @Activate
    public Peers(@Reference Auth auth, @Reference Frames frames, @Reference Pools pools, @Reference Settings settings) {
        this.auth = auth;
        this.frames = frames;
        this.pools = pools;
        this.settings = settings;
    }

    @Deactivate
    public void close() {
        closed = true;
        ScheduledFuture<?> timer = rounds;
        if (timer != null) {
            timer.cancel(false);
        }
        all.forEach(peer -> peer.close(Peer.GONE_AWAY, "The hub stops."));
    }

    @Override
    public Report health() {
        return Report.healthy("gateway", "core").with(Map.of("clients", (long) all.size()));
    }

    @Override
    public int phase() {
        return 50;
    }

    /** Lets every client have the answers it waits for. */
    @Override
    public void drain(Duration limit) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        ScheduledFuture<?> check = pools.timer()
                .scheduleWithFixedDelay(
                        () -> {
                            if (all.stream().allMatch(Peer::idle)) {
                                done.countDown();
                            }
                        },
                        0,
                        5,
                        TimeUnit.MILLISECONDS);
        try {
            done.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            check.cancel(false);
        }
    }

    Frames frames() {
        return frames;
    }

    /**
     * Lets a client in.
     *
     * @throws KoshiException as {@link Auth#http}; OVERLOADED where there are too many already
     */
    Caller admit(Knock knock) {
        Caller caller = auth.http(knock);
        room();
        return caller;
    }

    /** @throws KoshiException OVERLOADED where there are too many already */
    void room() {
        if (all.size() >= MOST) {
            throw KoshiException.overloaded("The hub has " + MOST + " clients already.", Duration.ofSeconds(30));
        }
    }

    /** Makes a client of a connection, pinged every {@code gateway.pingSeconds}. */
    Peer join(Pipe pipe, Hearer hearer) {
        return join(pipe, hearer, 0);
    }

    /** Makes a client of a connection that is pinged this often. */
    Peer join(Pipe pipe, Hearer hearer, long pingMs) {
        Peer peer = new Peer(pipe, hearer, frames::maxFrame, Patience.USUAL, pingMs, all::remove);
        all.add(peer);
        look();
        return peer;
    }

    /** Has something done every {@code gateway.pingSeconds}, until closed. */
    AutoCloseable every(Runnable care) {
        long seconds = settings.config().gateway().pingSeconds();
        ScheduledFuture<?> timer = pools.timer()
                .scheduleWithFixedDelay(() -> pools.work().execute(care), seconds, seconds, TimeUnit.SECONDS);
        return () -> timer.cancel(false);
    }

    private void look() {
        if (rounds == null) {
            synchronized (this) {
                if (rounds == null && !closed) {
                    rounds = pools.timer()
                            .scheduleWithFixedDelay(this::round, ROUND_MS, ROUND_MS, TimeUnit.MILLISECONDS);
                }
            }
        }
    }

    private void round() {
        long now = System.nanoTime();
        long pingMs = settings.config().gateway().pingSeconds() * 1000L;
        List<Peer> due =
                all.stream().filter(peer -> peer.needsLook(now, pingMs)).toList();
        if (!due.isEmpty()) {
            pools.work().execute(() -> due.forEach(peer -> peer.lookAfter(now, pingMs)));
        }
    }
}
