package io.koshi.hub.internal;

import io.koshi.api.Pools;
import io.koshi.api.Problem;
import io.koshi.config.Settings;
import io.koshi.event.Events;
import io.koshi.hub.Lifecycle;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the hub from its start to its end: says once when it is ready, and stops it in order. Thread-safe. */
@Component(
        name = "io.koshi.hub",
        service = {Lifecycle.class, Life.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Life implements Lifecycle {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.hub");
    /** Everything that has to end by itself ends within this time. */
    static final Duration DRAIN = Duration.ofSeconds(30);
    /** Nothing says when the last plugin has settled, so while the hub starts it also looks by itself. */
    private static final long LOOK_MS = 50;

    private final BundleContext context;
    private final Settings settings;
    private final Events events;
    private final Pools pools;
    private final PartTable parts;
    private final HealthBook health;
    private final Readiness readiness;
    private final long startedAt;
    private final AutoCloseable listening;
    private final ScheduledFuture<?> looking;
    private final AtomicInteger stops = new AtomicInteger();
    private final AtomicBoolean looks = new AtomicBoolean();
    private volatile State state = State.STARTING;
    private volatile Thread draining;

    @Activate
    public Life(
            BundleContext context,
            @Reference Settings settings,
            @Reference Events events,
            @Reference Pools pools,
            @Reference PartTable parts) {
        this.context = context;
        this.settings = settings;
        this.events = events;
        this.pools = pools;
        this.parts = parts;
        this.health = new HealthBook(parts, pools);
        this.readiness = new Readiness(context, parts);
        this.startedAt = started(context);
        this.listening = parts.onChange(this::lookSoon);
        this.looking = pools.timer().scheduleWithFixedDelay(this::lookSoon, 0, LOOK_MS, TimeUnit.MILLISECONDS);
    }

    @Deactivate
    public void close() throws Exception {
        looking.cancel(false);
        listening.close();
        readiness.close();
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public List<String> waiting() {
        return switch (state) {
            case STARTING -> readiness.starting();
            case READY -> readiness.lacking();
            case DRAINING -> List.of("the end");
        };
    }

    /** When the process began. */
    long startedAt() {
        return startedAt;
    }

    HealthBook health() {
        return health;
    }

    /** Drains and ends the process; asked a second time, it drains no longer. */
    @Override
    public void stop(String who) {
        int times = stops.incrementAndGet();
        if (times == 1) {
            LOG.info("Stopping, asked by {}", who);
            state = State.DRAINING;
            looking.cancel(false);
            pools.loop("koshi-stop", () -> drainAndEnd(who));
        } else {
            LOG.info("Stopping now, asked again by {}", who);
            Thread under = draining;
            if (under != null) {
                under.interrupt();
            }
        }
    }

    private void drainAndEnd(String who) {
        draining = Thread.currentThread();
        try {
            events.publish("hub", "hub.stopping", new Stopping(who, Instant.now()));
            new Draining(parts.drains(), pools).run(DRAIN);
        } catch (InterruptedException e) {
            LOG.warn("What is under way was not waited for; nothing that was accepted is lost");
        } catch (RuntimeException e) {
            LOG.error("Draining failed; stopping all the same", e);
        } finally {
            draining = null;
            end();
        }
    }

    private void end() {
        try {
            context.getBundle(0).stop();
        } catch (BundleException e) {
            LOG.error("The framework does not stop", e);
        }
    }

    private void lookSoon() {
        if (state == State.STARTING && looks.compareAndSet(false, true)) {
            try {
                pools.work().execute(this::look);
            } catch (RejectedExecutionException e) {
                looks.set(false);
            }
        }
    }

    private void look() {
        looks.set(false);
        try {
            if (state == State.STARTING && readiness.starting().isEmpty()) {
                ready();
            }
        } catch (RuntimeException e) {
            LOG.debug("Looked too early", e);
        }
    }

    private synchronized void ready() {
        if (state != State.STARTING || System.getProperty("koshi.refusal") != null) {
            return;
        }
        boolean before = settings.origin().lastGood();
        List<Problem> problems = settings.settle();
        if (!problems.isEmpty()) {
            refuse(problems);
            return;
        }
        Settings.Origin origin = settings.origin();
        if (origin.lastGood() != before) {
            return; // the parts follow the last good configuration first, and the next look finds them ready
        }
        state = State.READY;
        looking.cancel(false);
        if (origin.lastGood()) {
            LOG.warn(
                    "{} is bad, so the last good configuration serves: {}",
                    origin.file(),
                    origin.error().orElse(""));
        }
        LOG.info(
                "Ready {} ms after the process began, pid {}",
                System.currentTimeMillis() - startedAt,
                ProcessHandle.current().pid());
    }

    /** A first configuration with a mistake in it is never half obeyed. */
    private void refuse(List<Problem> problems) {
        problems.forEach(each -> LOG.error("The configuration cannot be used: {}", each.problem()));
        String more = problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more; see 'koshi logs')";
        System.setProperty("koshi.refusal", problems.get(0).problem() + more);
        System.setProperty("koshi.exit", "1");
        stop("the configuration");
    }

    /** Who ended it, so that a hub that is restarted again and again can be understood. */
    record Stopping(String by, Instant at) {}

    private static long started(BundleContext context) {
        String told = context.getProperty("koshi.started");
        return told != null
                ? Long.parseLong(told)
                : ProcessHandle.current()
                        .info()
                        .startInstant()
                        .orElseGet(Instant::now)
                        .toEpochMilli();
    }
}
