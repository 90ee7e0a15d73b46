package io.koshi.cron.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.codec.Codec;
import io.koshi.cron.internal.CronViews.Outcome;
import io.koshi.cron.internal.JobTable.OpenRun;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Gap;
import io.koshi.event.Subscription;
import io.koshi.outbox.Outbox;
import io.koshi.rpc.Caller;
import io.koshi.rpc.Registry;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hears how tasks and runs end that jobs made, keeps it, and tells whom it concerns. Thread-safe. */
final class Endings {
    private static final Logger LOG = LoggerFactory.getLogger(Endings.class);
    private static final List<String> TOPICS = List.of("task.done", "task.failed", "task.cancelled", "run.completed");
    private static final Caller CALLER = new Caller("cron", Set.of("agent.read", "task.read", "session.read"));
    private static final int MOST_SAID = 20_000;

    private final Store store;
    private final Codec codec;
    private final Events events;
    private final Registry registry;
    private final Outbox outbox;
    private final InstantSource clock;
    private final JobTable table;
    private final Jobs jobs;
    private final Slots slots;
    private final OpenRuns open;
    private final Heartbeats heartbeats;
    private final Object listening = new Object();
    private Subscription subscription; // guarded by listening
    private boolean closed; // guarded by listening

    Endings(
            Store store,
            Codec codec,
            Events events,
            Registry registry,
            Outbox outbox,
            InstantSource clock,
            JobTable table,
            Jobs jobs,
            Slots slots,
            OpenRuns open,
            Heartbeats heartbeats) {
        this.store = store;
        this.codec = codec;
        this.events = events;
        this.registry = registry;
        this.outbox = outbox;
        this.clock = clock;
        this.table = table;
        this.jobs = jobs;
        this.slots = slots;
        this.open = open;
        this.heartbeats = heartbeats;
        open.onAdded(this::listen);
    }

    /** How something ended. */
    private record End(boolean well, Optional<String> error, Optional<String> response) {}

    /** While something is open, and no longer: whoever listens is woken by every task of every worker. */
    private void listen() {
        synchronized (listening) {
            if (subscription == null && !closed) {
                subscription = events.subscribe(TOPICS, -1, this::heard);
            }
        }
    }

    private void rest() {
        synchronized (listening) {
            if (subscription != null && open.isEmpty()) {
                subscription.close();
                subscription = null;
            }
        }
    }

    void close() {
        Subscription last;
        synchronized (listening) {
            closed = true;
            last = subscription;
        }
        if (last != null) {
            last.close();
        }
    }

    private void heard(Event event) {
        if (event.topic().equals(Gap.TOPIC)) {
            catchUp();
            return;
        }
        Map<?, ?> payload = (Map<?, ?>) codec.toData(event.payload());
        boolean task = event.topic().startsWith("task.");
        open.take(String.valueOf(payload.get(task ? "taskId" : "runId"))).ifPresent(run -> {
            String status = String.valueOf(payload.get("status"));
            end(run, new End(status.equals("done"), error(payload, status), text(payload.get("response"))));
        });
        rest();
    }

    private static Optional<String> error(Map<?, ?> payload, String status) {
        if (status.equals("done")) {
            return Optional.empty();
        }
        return payload.get("error") instanceof Map<?, ?> error && error.get("message") != null
                ? text(error.get("message"))
                : Optional.of("it was " + status);
    }

    private static Optional<String> text(Object value) {
        return Optional.ofNullable(value).map(String::valueOf);
    }

    /** Asks after every run whose end may have been missed: at the start, and after a gap in the events. */
    void catchUp() {
        Set<Long> waiting = new HashSet<>();
        for (OpenRun run : table.open()) {
            try {
                if (run.outcome() == Outcome.QUEUED) {
                    waiting.add(run.job());
                } else {
                    open.add(run.n(), new Dispatch.Started(run.taskId(), run.runId(), run.sessionKey()));
                    ended(run).ifPresent(end -> {
                        run.taskId().or(run::runId).ifPresent(open::take);
                        end(run.n(), end);
                    });
                }
            } catch (KoshiException e) {
                LOG.warn("what became of a run of {} is not known yet: {}", run.slot(), e.getMessage());
            }
        }
        waiting.forEach(this::next);
    }

    private Optional<End> ended(OpenRun run) {
        try {
            Map<?, ?> found = run.taskId().isPresent()
                    ? ask("task.get", Map.of("taskId", run.taskId().get()))
                    : first(ask("agent.status", Map.of("runId", run.runId().orElseThrow())));
            String status = String.valueOf(found.get("status"));
            if (!Set.of("done", "failed", "cancelled").contains(status)) {
                return Optional.empty();
            }
            return Optional.of(new End(status.equals("done"), error(found, status), response(run)));
        } catch (KoshiException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return Optional.of(new End(false, Optional.of("what it made is gone"), Optional.empty()));
            }
            throw e;
        }
    }

    private Map<?, ?> ask(String method, Map<String, Object> params) {
        return (Map<?, ?>) codec.toData(registry.ask(CALLER, method, params));
    }

    private static Map<?, ?> first(Map<?, ?> status) {
        if (status.get("runs") instanceof List<?> runs && !runs.isEmpty()) {
            return (Map<?, ?>) runs.get(0);
        }
        throw KoshiException.notFound("there is no such run");
    }

    /** What the agent said in a run that ended while nobody listened. */
    private Optional<String> response(OpenRun run) {
        if (run.runId().isEmpty() || run.sessionKey().isEmpty()) {
            return Optional.empty();
        }
        Map<?, ?> history =
                ask("session.history", Map.of("sessionKey", run.sessionKey().get(), "limit", 100));
        Optional<String> said = Optional.empty();
        for (Object message : (List<?>) history.get("messages")) {
            if (message instanceof Map<?, ?> line
                    && "assistant".equals(line.get("role"))
                    && run.runId().get().equals(line.get("runId"))) {
                said = text(line.get("content"));
            }
        }
        return said;
    }

    private void end(long run, End end) {
        Optional<Job> job = store.read(tx -> table.find(tx, tx.number("SELECT job FROM cron_run WHERE n = ?", run)))
                .map(jobs::job)
                .map(heartbeats::ready);
        store.write(tx -> {
                    Outcome outcome = end.well() ? Outcome.DONE : Outcome.FAILED;
                    if (table.ended(tx, run, outcome, end.error(), clock.instant()) && job.isPresent()) {
                        tell(tx, job.get(), end);
                        slots.next(tx, job.get(), clock.instant());
                    }
                    return true;
                })
                .exceptionally(e -> {
                    LOG.warn("how a run ended could not be kept; the next start asks again: {}", e.toString());
                    return false;
                });
    }

    private void next(long n) {
        store.read(tx -> table.find(tx, n))
                .map(jobs::job)
                .map(heartbeats::ready)
                .ifPresent(job -> store.writeNow(tx -> {
                    slots.next(tx, job, clock.instant());
                    return true;
                }));
    }

    private void tell(Tx tx, Job job, End end) {
        if (end.well() && job.work() instanceof Work.Look look) {
            look.replyTo()
                    .ifPresent(to -> end.response().flatMap(Heartbeats::said).ifPresent(words -> say(tx, to, words)));
        }
        job.spec()
                .tell()
                .filter(tell -> !end.well() || tell.on() == Spec.When.ALWAYS)
                .ifPresent(tell -> {
                    Address to = Address.of(tell.channel(), tell.to());
                    say(
                            tx,
                            to,
                            end.well()
                                    ? job.name() + ": " + end.response().orElse("done")
                                    : job.name() + " failed: " + end.error().orElse("no reason was given"));
                });
    }

    private void say(Tx tx, Address to, String words) {
        String cut = words.length() <= MOST_SAID ? words : words.substring(0, MOST_SAID);
        outbox.enqueue(tx, to, List.of(new Part.Text(cut)), Optional.empty(), Optional.empty());
    }
}
