package io.koshi.pool.internal;

import io.koshi.api.Children.Launch;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Ulid;
import io.koshi.config.Settings;
import io.koshi.pool.internal.ChildLedger.Entry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every program the hub has started. All are started by one thread that lives as long as this does: Linux ends a child
 * that asked for it (prctl(2), PR_SET_PDEATHSIG) when the <em>thread</em> that made it ends, and a pooled one ends when it
 * is idle. Thread-safe.
 */
@Component(
        name = "io.koshi.pool.nursery",
        service = Nursery.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class Nursery {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.pool");
    private static final int MOST = 64;
    private static final Duration CERTAIN = Duration.ofSeconds(5);

    private final Wrapping wrapping;
    private final ChildLedger ledger;
    private final String hub = Ulid.next();
    private final AtomicLong made = new AtomicLong();
    private final Set<RunningChild> running = ConcurrentHashMap.newKeySet();
    private final LinkedBlockingQueue<Runnable> births = new LinkedBlockingQueue<>();
    private final Thread midwife = CleanThreads.single(this::serve, "koshi-children");
    private volatile Warden warden;
    private volatile boolean closed;

    @Activate
    public Nursery(@Reference Settings settings, @Reference Threads threads) {
        this(settings.data(), threads, System.getenv());
    }

    Nursery(Path data, Threads threads, Map<String, String> environment) {
        this.wrapping = new Wrapping(environment);
        this.ledger = new ChildLedger(data.resolve("children"));
        threads.work().execute(this::reap);
    }

    Optional<String> unavailable() {
        return wrapping.unavailable();
    }

    int count() {
        return running.size();
    }

    /** @param ended called when nothing of it runs any more */
    RunningChild start(Launch launch, Consumer<RunningChild> ended) throws IOException {
        if (closed) {
            throw new KoshiException(ErrorCode.SERVICE_UNAVAILABLE, "The hub is stopping and starts no more programs");
        }
        if (running.size() >= MOST) {
            throw KoshiException.overloaded(
                    MOST + " programs run already; wait until one has ended", Duration.ofSeconds(1));
        }
        synchronized (midwife) {
            if (midwife.getState() == Thread.State.NEW) {
                midwife.start();
            }
        }
        CompletableFuture<RunningChild> birth = new CompletableFuture<>();
        births.add(() -> {
            try {
                birth.complete(bear(launch, ended));
            } catch (Throwable failure) { // whatever it is, it is the asker's
                birth.completeExceptionally(failure);
            }
        });
        try {
            return birth.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            birth.thenAccept(RunningChild::kill);
            throw new InterruptedIOException("interrupted before " + launch.what() + " had started");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KoshiException told) {
                throw told;
            }
            throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
        }
    }

    private void serve() {
        try {
            while (!closed) {
                births.take().run();
            }
        } catch (InterruptedException e) {
            LOG.debug("No more programs are started");
        }
    }

    private RunningChild bear(Launch launch, Consumer<RunningChild> ended) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(wrapping.argv(launch));
        String mark = hub + "." + made.incrementAndGet();
        builder.environment().clear();
        builder.environment().putAll(wrapping.environment(launch, mark));
        builder.directory(launch.directory().toFile());
        if (warden == null || !warden.stands()) {
            warden = new Warden(wrapping, hub + ".");
        }
        Process process = builder.start();
        long ticks =
                ProcTable.find(process.pid()).map(ProcTable.Proc::startTicks).orElse(0L);
        Entry entry = new Entry(process.pid(), ticks, mark, ProcTable.boot(), launch.what());
        RunningChild child = new RunningChild(process, entry, gone -> {
            running.remove(gone);
            ledger.remove(gone.entry());
            ended.accept(gone);
        });
        running.add(child);
        try {
            ledger.add(entry);
        } catch (IOException e) {
            child.kill(); // what is not written down cannot be found again
            throw e;
        }
        return child;
    }

    /** Ends what an earlier hub has left. */
    private void reap() {
        for (Entry entry : ledger.leftBehind()) {
            if (!entry.mark().startsWith(hub + ".")) {
                if (entry.boot().equals(ProcTable.boot())) {
                    ChildGroup group = new ChildGroup(entry);
                    int left = group.members().size();
                    boolean gone = group.kill(CERTAIN);
                    if (left > 0) {
                        LOG.info(
                                "{} processes of {} were left by an earlier hub{}",
                                left,
                                entry.what(),
                                gone ? " and are ended" : "; some do not end");
                    }
                }
                ledger.remove(entry);
            }
        }
    }

    @Deactivate
    void close() {
        closed = true;
        Set.copyOf(running).forEach(RunningChild::kill);
        midwife.interrupt();
        Warden last = warden;
        if (last != null) {
            last.close();
        }
    }
}
