package io.koshi.event.internal;

import io.koshi.event.Event;
import io.koshi.event.Follower;
import io.koshi.event.Gap;
import io.koshi.event.Subscription;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscriber's place in the ring. The bus marks the first event it has not seen; it then copies some
 * references out of the ring, hands them to the listener and looks again, until nothing is marked. As the
 * mark only ever names a wanted event, a quiet subscriber loses nothing to others' traffic. Thread-safe.
 */
final class Reader implements Subscription, Runnable {
    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.event");
    private static final int AT_ONCE = 256;
    private static final long CLOSE_PATIENCE_MS = 2_000;

    private final EventBus bus;
    private final Follower follower;
    private final boolean patient;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final ReentrantLock calling = new ReentrantLock();

    // confined to the bus's lock
    private long next; // first wanted event not yet taken, 0 when there is none
    private Gap lost; // told before the next event
    private long startedAt;
    private long replayed;

    // confined to the thread that drains
    private final Event[] taken = new Event[AT_ONCE];

    private volatile Topics topics;
    private volatile boolean marked;
    private volatile boolean closed;
    private volatile boolean full;
    private volatile boolean roomAgain; // said since the follower was last asked

    /** @param patient whether the follower may block, and so needs a thread to itself while it runs */
    Reader(EventBus bus, Topics topics, Follower follower, boolean patient) {
        this.bus = bus;
        this.topics = topics;
        this.follower = follower;
        this.patient = patient;
    }

    boolean patient() {
        return patient;
    }

    boolean wants(String topic) {
        return topics.contain(topic);
    }

    /** Wants other topics from now on and loses no event by it. */
    void want(Topics others) {
        topics = others;
        bus.refresh();
    }

    void begin(long newest) {
        startedAt = newest;
    }

    void willReplay(long count) {
        replayed = count;
    }

    void lose(Gap gap) {
        lost = gap;
        marked = true;
    }

    void mark(long seq) {
        if (next == 0) {
            next = seq;
            marked = true;
        }
    }

    /** Whether the caller is to run this now. */
    boolean claim() {
        return marked && !full && !claimed.get() && claimed.compareAndSet(false, true);
    }

    void unclaim() {
        claimed.set(false);
    }

    /** Hands over what is marked until nothing is. */
    @Override
    public void run() {
        boolean more = true;
        while (more) {
            more = round();
        }
    }

    /** Hands over some of what is marked; false when nothing is left or there is no room, and others may claim it. */
    boolean round() {
        Gap gap;
        long from;
        long to;
        synchronized (bus.lock()) {
            if (closed || full || (next == 0 && lost == null)) {
                marked = !closed && full;
                claimed.set(false);
                return false;
            }
            noteWhatWasMissed();
            gap = lost;
            from = next;
            to = bus.seq();
            lost = null;
            next = 0;
        }
        int count = from == 0 ? 0 : take(from, to);
        deliver(gap, count);
        return true;
    }

    /** There is room again. */
    @Override
    public void resume() {
        roomAgain = true;
        if (full) {
            synchronized (bus.lock()) {
                full = false;
            }
            bus.wake(this);
        }
    }

    private void noteWhatWasMissed() {
        long oldest = bus.oldest();
        if (next != 0 && next < oldest) {
            lost = new Gap(lost == null ? next : lost.from(), oldest - 1, lost == null ? "slow" : lost.reason());
            next = oldest;
        }
    }

    /** Copies wanted events out of the ring; what does not fit or was overwritten meanwhile stays marked. */
    private int take(long from, long to) {
        Ring ring = bus.ring();
        int count = 0;
        long seq = from;
        while (seq <= to && count < AT_ONCE) {
            Event event = ring.get(seq);
            if (event == null) {
                break;
            }
            if (wants(event.topic())) {
                taken[count++] = event;
            }
            seq++;
        }
        if (seq <= to) {
            synchronized (bus.lock()) {
                next = seq;
            }
        }
        return count;
    }

    private void deliver(Gap gap, int count) {
        calling.lock();
        roomAgain = false;
        try {
            if (gap != null && !call(new Event(gap.to(), "event", Gap.TOPIC, gap))) {
                putBack(gap, count > 0 ? taken[0].seq() : 0);
                return;
            }
            for (int i = 0; i < count; i++) {
                Event event = taken[i];
                if (!call(event)) {
                    putBack(null, event.seq());
                    return;
                }
                taken[i] = null;
            }
        } finally {
            Arrays.fill(taken, 0, count, null);
            rest();
            calling.unlock();
        }
    }

    /** What found no room is marked again, and waits for a {@link #resume} that has not come already. */
    private void putBack(Gap gap, long seq) {
        synchronized (bus.lock()) {
            full = true; // before the question: who resumes says so first and asks for this then
            if (roomAgain) {
                full = false;
            }
            lost = gap;
            if (seq != 0) {
                next = seq;
            }
            marked = true;
        }
    }

    private boolean call(Event event) {
        if (closed) {
            return true;
        }
        try {
            return follower.take(event);
        } catch (Throwable failure) { // a subscriber's fault, an Error of its bundle included, is its own
            LOG.error("A subscriber failed at {} #{}; it stays subscribed", event.topic(), event.seq(), failure);
            return true;
        }
    }

    private void rest() {
        try {
            follower.rest();
        } catch (Throwable failure) {
            LOG.error("A subscriber failed when it could rest; it stays subscribed", failure);
        }
    }

    @Override
    public long startedAt() {
        return startedAt;
    }

    @Override
    public long replayed() {
        return replayed;
    }

    /** Waits a moment for the call that is under way, so that none is seen to start afterwards. */
    @Override
    public void close() {
        closed = true;
        bus.remove(this);
        try {
            if (calling.tryLock(CLOSE_PATIENCE_MS, TimeUnit.MILLISECONDS)) {
                calling.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
