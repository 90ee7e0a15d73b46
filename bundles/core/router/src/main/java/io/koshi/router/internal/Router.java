package io.koshi.router.internal;

import io.koshi.api.Batch;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.buffer.Buffer;
import io.koshi.event.Events;
import io.koshi.hub.Drain;
import io.koshi.plugin.Plugins;
import io.koshi.router.Action;
import io.koshi.session.Sessions;
import io.koshi.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes batches from the buffer, decides by the rules and carries the decisions out in one commit.
 * Thread-safe.
 */
@Component(
        name = "io.koshi.router",
        service = Drain.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Router implements Drain {
    private static final Logger log = LoggerFactory.getLogger(Router.class);

    /** How long routing waits at a start for the rooms that the rules name, and for the plugins. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Buffer buffer;
    private final Store store;
    private final Pools pools;
    private final LiveRules rules;
    private final ActionTable actions;
    private final Plugins plugins;
    private final Commands commands;
    private final RoutingEvents events;
    private final AutoCloseable arrivals;
    private final ScheduledFuture<?> patience;
    private volatile AutoCloseable intake;
    private boolean closed;

    @Activate
    public Router(
            @Reference Buffer buffer,
            @Reference Store store,
            @Reference Events events,
            @Reference Sessions sessions,
            @Reference Pools pools,
            @Reference LiveRules rules,
            @Reference ActionTable actions,
            @Reference Plugins plugins) {
        this.buffer = buffer;
        this.store = store;
        this.pools = pools;
        this.rules = rules;
        this.actions = actions;
        this.plugins = plugins;
        this.commands = new Commands(actions);
        this.events = new RoutingEvents(events, sessions);
        arrivals = actions.onArrival(this::openWhenComplete);
        patience = pools.timer()
                .schedule(() -> pools.work().execute(this::open), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        plugins.onSettled(this::openWhenComplete);
    }

    @Deactivate
    void close() throws Exception {
        stopIntake();
    }

    @Override
    public int phase() {
        return 20;
    }

    @Override
    public void drain(Duration limit) throws InterruptedException {
        Future<?> closing = pools.work().submit(() -> {
            stopIntake();
            return null;
        });
        try {
            closing.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn(
                    "Routing did not come to rest in {} ms; what is under way is routed after the next start",
                    limit.toMillis());
        } catch (ExecutionException e) {
            log.warn("Routing did not close cleanly", e.getCause());
        }
    }

    /** A message that waited for this start finds the channels, models and tools that are configured. */
    private void openWhenComplete() {
        if (!plugins.settled()) {
            return;
        }
        RuleTable table = rules.table();
        boolean complete = Stream.concat(table.rules().stream(), Stream.of(table.otherwise()))
                .flatMap(rule -> rule.actions().stream())
                .allMatch(word ->
                        word.equals(ActionReader.DROP) || actions.find(word).isPresent());
        if (complete) {
            open();
        }
    }

    private synchronized void open() {
        if (intake == null && !closed) {
            patience.cancel(false);
            intake = buffer.open(this::route);
        }
    }

    private void stopIntake() throws Exception {
        AutoCloseable closing;
        synchronized (this) {
            closed = true;
            closing = intake;
            intake = null;
        }
        patience.cancel(false);
        arrivals.close();
        if (closing != null) {
            closing.close();
        }
    }

    /** Routes batches of different conversations; those that cannot be are named in what it throws. */
    void route(List<Batch> batches) throws Buffer.Unrouted {
        RuleTable table = rules.table();
        Map<String, KoshiException> left = new LinkedHashMap<>();
        Map<String, Action> found = new HashMap<>();
        List<Plan> plans = new ArrayList<>(batches.size());
        for (Batch batch : batches) {
            try {
                Plan plan = Plan.of(batch, table, commands);
                RoutingCommit.require(plan, actions, found);
                plans.add(plan);
            } catch (RuntimeException e) {
                left.put(batch.id(), reason(e));
            }
        }
        plans.sort(Comparator.comparingInt(Plan::priority));
        carryOut(plans, RoutingCommit.with(buffer, found), left);
        if (!left.isEmpty()) {
            left.forEach((batch, why) -> log.debug("Batch {} waits to be routed again: {}", batch, why.getMessage()));
            throw new Buffer.Unrouted(left);
        }
    }

    private void carryOut(List<Plan> plans, RoutingCommit commit, Map<String, KoshiException> left) {
        if (plans.isEmpty()) {
            return;
        }
        try {
            store.writeNow(tx -> {
                commit.apply(tx, plans);
                return null;
            });
            plans.forEach(events::tell);
        } catch (RuntimeException e) {
            if (plans.size() == 1) {
                left.put(plans.get(0).batch().id(), reason(e));
            } else {
                oneByOne(plans, commit, left);
            }
        }
    }

    /** One of the plans failed: each gets a transaction of its own, so that it fails alone. */
    private void oneByOne(List<Plan> plans, RoutingCommit commit, Map<String, KoshiException> left) {
        Map<Plan, CompletableFuture<Object>> writes = new LinkedHashMap<>();
        for (Plan plan : plans) {
            writes.put(plan, store.write(tx -> {
                commit.apply(tx, List.of(plan));
                return null;
            }));
        }
        writes.forEach((plan, write) -> {
            try {
                write.join();
                events.tell(plan);
            } catch (RuntimeException e) {
                left.put(plan.batch().id(), reason(e));
            }
        });
    }

    private static KoshiException reason(RuntimeException failure) {
        Throwable cause = failure;
        while (!(cause instanceof KoshiException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof KoshiException known) {
            return known;
        }
        log.warn("An action failed in a way it should not", failure);
        return new KoshiException(ErrorCode.INTERNAL, "an action failed: " + cause, cause);
    }
}
