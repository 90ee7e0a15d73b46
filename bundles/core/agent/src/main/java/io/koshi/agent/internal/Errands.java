package io.koshi.agent.internal;

import io.koshi.agent.Agent.Ask;
import io.koshi.api.Part;
import io.koshi.api.Pools;
import io.koshi.config.Settings;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.task.Leased;
import io.koshi.task.Tasks;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the tasks that the hub's own agent is to do, no more than specialists are free: the lease and the run that works
 * on it are one commit. Thread-safe.
 */
final class Errands {
    private static final Logger LOG = LoggerFactory.getLogger(Errands.class);
    private static final String WORKER = "hub";

    private final Store store;
    private final Settings settings;
    private final Tasks tasks;
    private final TurnQueue turns;
    private final Taker taker;
    private final AtomicInteger looks = new AtomicInteger();
    private Pools pools;
    private AutoCloseable subscription;
    private volatile boolean closed;

    /** Makes a turn of a task it holds. */
    interface Taker {
        void take(Tx tx, Leased task, Ask ask, Assignment assignment);
    }

    Errands(Store store, Settings settings, Tasks tasks, TurnQueue turns, Taker taker) {
        this.store = store;
        this.settings = settings;
        this.tasks = tasks;
        this.turns = turns;
        this.taker = taker;
    }

    synchronized void open(Pools threads) {
        pools = threads;
        subscription = tasks.onTakeable(this::look);
    }

    /** Takes what is free to be taken, on a thread of its own; any number of calls make one look. */
    void look() {
        if (!closed && looks.getAndIncrement() == 0) {
            try {
                pools.work().execute(this::takeAll);
            } catch (RejectedExecutionException stopping) {
                looks.set(0);
            }
        }
    }

    private void takeAll() {
        int seen;
        do {
            seen = looks.get();
            try {
                if (!closed) {
                    store.writeNow(this::take);
                }
            } catch (RuntimeException e) {
                LOG.warn("tasks for the hub's own agent were not taken; the next one has them taken: {}", e.toString());
            }
        } while (!looks.compareAndSet(seen, 0));
    }

    private int take(Tx tx) {
        long free = settings.config().agents().maxConcurrent() - turns.openWorkers(tx);
        if (free <= 0) {
            return 0;
        }
        List<Leased> taken = tasks.take(tx, WORKER, (int) free);
        taken.forEach(task -> taker.take(tx, task, ask(task), Assignment.worker(task.skill(), task.systemPrompt())));
        return taken.size();
    }

    static Ask ask(Leased task) {
        return new Ask(
                SpawnAction.SESSION + task.taskId(),
                Optional.empty(),
                List.of(),
                Spawning.prompt(task.prompt(), task.context()),
                task.inputRef().<List<Part>>map(ref -> List.of(input(ref))).orElse(List.of()),
                task.model(),
                Optional.of(task.taskId()),
                task.priority(),
                task.trust());
    }

    /** What it works on is text, as split tasks gather it and task.enqueue takes it. */
    private static Part input(String ref) {
        return new Part.Blob(ref, "text/plain", Optional.of("input"), 0);
    }

    synchronized void close() {
        closed = true;
        if (subscription != null) {
            try {
                subscription.close();
            } catch (Exception e) {
                LOG.debug("the task room was gone before", e);
            }
            subscription = null;
        }
    }
}
