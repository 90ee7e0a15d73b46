package io.koshi.tool.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.api.Pools;
import io.koshi.api.Ulid;
import io.koshi.channel.Channels;
import io.koshi.codec.Codec;
import io.koshi.config.Settings;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import io.koshi.hub.Drain;
import io.koshi.outbox.Outbox;
import io.koshi.session.Sessions;
import io.koshi.store.Store;
import io.koshi.store.Tx;
import io.koshi.tool.Approvals;
import io.koshi.tool.internal.ApprovalBook.Remembered;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where runs wait for a person. A request is a row before anyone is told of it, and a decision is a row before the run
 * goes on. What an earlier hub left open stays open for the time it has left: a person may still decide it, and the run
 * that asked begins again, asks for the very same and goes on with that. Thread-safe.
 */
@Component(
        name = "io.koshi.tool.approvals",
        service = {Approvals.class, ApprovalDesk.class, Drain.class},
        configurationPolicy = ConfigurationPolicy.IGNORE)
public final class ApprovalDesk implements Approvals, Drain {
    private static final Logger LOG = LoggerFactory.getLogger(ApprovalDesk.class);

    static final String TIMEOUT = "timeout";
    private static final int MOST_OPEN = 100;

    private final Store store;
    private final Events events;
    private final Settings settings;
    private final ApprovalBook book;
    private final AskedWhere where;
    private final Codec codec;
    private final Pools pools;
    private final Map<String, CompletableFuture<Answer>> waiting = new ConcurrentHashMap<>();
    private final LeftOpen left = new LeftOpen();
    private final CompletableFuture<Void> takenUp;
    private volatile Optional<Subscription> ends = Optional.empty();
    private volatile boolean stopping;

    @Activate
    public ApprovalDesk(
            @Reference Store store,
            @Reference Events events,
            @Reference Settings settings,
            @Reference Sessions sessions,
            @Reference Channels channels,
            @Reference Outbox outbox,
            @Reference Codec codec,
            @Reference Pools pools) {
        this.store = store;
        this.events = events;
        this.settings = settings;
        this.codec = codec;
        this.pools = pools;
        this.book = new ApprovalBook(codec);
        this.where = new AskedWhere(sessions, channels, outbox, new ApprovalWords(codec, settings));
        store.migrate("approval", ApprovalTables.STEPS);
        this.takenUp = CompletableFuture.runAsync(this::takeUp, pools.work());
    }

    /** What an earlier hub left: its runs begin again about now. */
    private void takeUp() {
        try {
            Instant now = Instant.now();
            for (Remembered allowed : store.read(tx -> book.unused(tx, now))) {
                Answer answer = new Answer(allowed.request().id(), true, allowed.by(), Optional.empty());
                takeUp(allowed.request(), CompletableFuture.completedFuture(answer));
            }
            for (Pending pending : store.read(book::open)) {
                if (pending.expiresAt().isAfter(now)) {
                    CompletableFuture<Answer> answer = new CompletableFuture<>();
                    waiting.put(pending.id(), answer);
                    takeUp(pending, answer);
                    events.publish("tool", "approval.requested", ApprovalEvents.Requested.of(pending));
                } else {
                    end(pending, ApprovalState.WITHDRAWN, "restart", false); // nobody could answer: it is asked again
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("what earlier runs had asked for could not be looked at; they ask again: {}", e.toString());
        }
    }

    private void takeUp(Pending pending, CompletableFuture<Answer> answer) {
        left.add(pending, answer);
        if (ends.isEmpty()) {
            ends = Optional.of(events.subscribe(List.of("run.completed"), -1, this::runEnded));
        }
        long time = left(pending);
        pools.timer()
                .schedule(
                        () -> pools.work().execute(() -> over(pending, ApprovalState.EXPIRED, TIMEOUT)),
                        time,
                        TimeUnit.MILLISECONDS);
    }

    /** Milliseconds; a clock that was set back while no hub was there makes it no longer than it was asked for. */
    private static long left(Pending pending) {
        Duration whole = Duration.between(pending.createdAt(), pending.expiresAt());
        Duration left = Duration.between(Instant.now(), pending.expiresAt());
        return Math.max(0, (left.compareTo(whole) > 0 ? whole : left).toMillis());
    }

    private void runEnded(Event event) {
        if (codec.toData(event.payload()) instanceof Map<?, ?> run) {
            left.of(String.valueOf(run.get("runId")))
                    .forEach(pending -> over(pending, ApprovalState.WITHDRAWN, "the end of its run"));
        }
    }

    /** Ends what was left unless its run has claimed it. */
    private void over(Pending pending, ApprovalState state, String by) {
        if (left.drop(pending)) {
            end(pending, state, by, false);
            waiting.remove(pending.id());
        }
    }

    @Override
    public Answer ask(Request request) throws InterruptedException {
        String hash = Seal.of(codec, request);
        takenUp.join();
        if (stopping) {
            throw new InterruptedException("the hub stops");
        }
        Optional<LeftOpen.Left> before = left.claim(request.runId(), hash);
        if (before.isPresent()) {
            return goOn(before.get().pending(), before.get().answer());
        }
        Optional<Answer> known = store.read(tx -> book.known(tx, request, hash));
        if (known.isPresent()) {
            return known.get();
        }
        if (waiting.size() >= MOST_OPEN) {
            return new Answer("", false, "overload", Optional.of(MOST_OPEN + " approvals wait already; ask later"));
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Duration wait = ToolSettings.of(settings.config()).patience();
        Pending pending = new Pending(Ulid.next(), request, hash, now, now.plus(wait));
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        waiting.put(pending.id(), answer);
        try {
            store.writeNow(tx -> {
                book.add(tx, pending);
                where.say(tx, pending);
                return null;
            });
            events.publish("tool", "approval.requested", ApprovalEvents.Requested.of(pending));
        } catch (RuntimeException e) {
            waiting.remove(pending.id());
            throw e;
        }
        return goOn(pending, answer);
    }

    private Answer goOn(Pending pending, CompletableFuture<Answer> answer) throws InterruptedException {
        try {
            Answer given = await(pending, answer);
            if (given.allowed()) {
                store.writeNow(tx -> {
                    book.use(tx, pending.id());
                    return null;
                });
            }
            return given;
        } finally {
            waiting.remove(pending.id());
        }
    }

    private Answer await(Pending pending, CompletableFuture<Answer> answer) throws InterruptedException {
        try {
            return answer.get(left(pending), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            end(pending, ApprovalState.EXPIRED, TIMEOUT, false);
            return answer.join(); // of whoever was first
        } catch (InterruptedException e) {
            if (!stopping) {
                end(pending, ApprovalState.WITHDRAWN, "the end of its run", false);
            }
            throw e;
        } catch (ExecutionException | CancellationException e) {
            throw new InterruptedException("the hub stops; its next start goes on waiting");
        }
    }

    @Override
    public int phase() {
        return 20; // before the runs, which need not be waited for while they wait for a person
    }

    /** Lets go of the runs that wait; what they asked stays open for the next start. */
    @Override
    public void drain(Duration limit) {
        stopping = true;
        waiting.values().forEach(answer -> answer.cancel(false));
    }

    @Deactivate
    void close() {
        stopping = true;
        ends.ifPresent(Subscription::close);
    }

    @Override
    public List<Pending> pending() {
        return store.read(book::open).stream()
                .filter(pending -> waiting.containsKey(pending.id()))
                .toList();
    }

    /** Whether it was put to whoever speaks here. */
    boolean isAskedOf(Pending pending, Address from, String session) {
        return where.isAskedOf(pending, from, session);
    }

    List<Remembered> remembered() {
        return store.read(tx -> book.remembered(tx));
    }

    /** @throws KoshiException NOT_FOUND when nothing of that id is remembered */
    void forget(String id) {
        if (!store.writeNow(tx -> book.forget(tx, id))) {
            throw KoshiException.notFound("Nothing is remembered under " + id + "; approval.list shows what is");
        }
    }

    /**
     * Decides for a person who may.
     *
     * @throws KoshiException NOT_FOUND when there is no such request, CONFLICT when it is decided already
     */
    Pending decide(String id, boolean allow, boolean remember, String by) {
        Pending pending = store.read(tx -> book.find(tx, id))
                .orElseThrow(() -> KoshiException.notFound(
                        "No approval is called " + id + "; approval.list shows those that wait"));
        if (!waiting.containsKey(id)
                || !end(pending, allow ? ApprovalState.ALLOWED : ApprovalState.DENIED, by, remember)) {
            throw new KoshiException(ErrorCode.CONFLICT, "Approval " + id + " is decided already or too old");
        }
        return pending;
    }

    /** As {@link #decide}, in the commit that routes what a person said. */
    boolean decide(Tx tx, Pending pending, boolean allow, String by) {
        return waiting.containsKey(pending.id())
                && end(tx, pending, allow ? ApprovalState.ALLOWED : ApprovalState.DENIED, by, false);
    }

    private boolean end(Pending pending, ApprovalState state, String by, boolean remember) {
        return store.writeNow(tx -> end(tx, pending, state, by, remember));
    }

    private boolean end(Tx tx, Pending pending, ApprovalState state, String by, boolean remember) {
        boolean first = book.change(tx, pending.id(), state, by, remember);
        if (first) {
            tx.afterCommit(() -> told(pending, state, by));
        }
        return first;
    }

    private void told(Pending pending, ApprovalState state, String by) {
        boolean allowed = state == ApprovalState.ALLOWED;
        Optional<String> note = state == ApprovalState.EXPIRED
                ? Optional.of("nobody approved it in time; say what you wanted to do and go on without it")
                : Optional.empty();
        events.publish("tool", "approval.decided", ApprovalEvents.Decided.of(pending.id(), allowed, by));
        CompletableFuture<Answer> answer = waiting.get(pending.id());
        if (answer != null) {
            answer.complete(new Answer(pending.id(), allowed, by, note));
        }
    }
}
