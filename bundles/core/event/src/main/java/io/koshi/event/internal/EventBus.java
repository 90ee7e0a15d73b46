package io.koshi.event.internal;

import io.koshi.api.Pools;
import io.koshi.api.Ulid;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Follower;
import io.koshi.event.Gap;
import io.koshi.event.Subscription;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one sequence and its window. A publisher numbers its event, puts it into the ring and marks the
 * subscribers that want it; each of those then reads the ring on a work thread at its own pace. The lock
 * is held for a few field writes only, never while a subscriber runs. Thread-safe.
 */
@Component(name = "io.koshi.event.bus", service = EventBus.class, configurationPolicy = ConfigurationPolicy.IGNORE)
public final class EventBus implements Events {
    /** The window where the configuration names none. */
    static final int WINDOW = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger("io.koshi.event");
    private static final int MOST_CACHED_TOPICS = 1_000;
    private static final Reader[] NOBODY = {};

    private final Pools pools;
    private final Lane lane;
    private final String epoch = Ulid.next();
    private final Object lock = new Object();
    private final Map<String, Reader[]> readersOfTopic = new ConcurrentHashMap<>();

    private volatile Reader[] readers = NOBODY;
    private volatile Ring ring = new Ring(WINDOW);
    private volatile long newest;
    private volatile long floor = 1; // what a smaller ring before this one had lost already

    @Activate
    public EventBus(@Reference Pools pools) {
        this.pools = pools;
        this.lane = new Lane(pools);
    }

    @Override
    public long publish(String source, String topic, Object payload) {
        Reader[] wanting;
        long seq;
        synchronized (lock) {
            seq = newest + 1;
            ring.add(new Event(seq, source, topic, payload));
            newest = seq;
            wanting = readersOf(topic);
            for (Reader reader : wanting) {
                reader.mark(seq);
            }
        }
        for (Reader reader : wanting) {
            wake(reader);
        }
        return seq;
    }

    void wake(Reader reader) {
        if (reader.claim()) {
            if (!reader.patient()) {
                lane.add(reader);
                return;
            }
            try {
                pools.work().execute(reader);
            } catch (RejectedExecutionException e) {
                reader.unclaim(); // the next event tries again
                LOG.warn("No thread for a subscriber: {}", e.getMessage());
            }
        }
    }

    private Reader[] readersOf(String topic) {
        Reader[] known = readersOfTopic.get(topic);
        if (known != null) {
            return known;
        }
        if (readersOfTopic.size() >= MOST_CACHED_TOPICS) {
            readersOfTopic.clear();
        }
        Reader[] found =
                Arrays.stream(readers).filter(reader -> reader.wants(topic)).toArray(Reader[]::new);
        readersOfTopic.put(topic, found);
        return found;
    }

    @Override
    public Subscription subscribe(List<String> topics, long since, Consumer<Event> listener) {
        return open(topics, since, listener);
    }

    @Override
    public Subscription follow(List<String> topics, long since, Follower follower) {
        return open(since, new Reader(this, new Topics(topics), follower, false));
    }

    /** As {@link #subscribe}; what it gives can change its topics. */
    Reader open(List<String> topics, long since, Consumer<Event> listener) {
        Follower follower = event -> {
            listener.accept(event);
            return true;
        };
        return open(since, new Reader(this, new Topics(topics), follower, true));
    }

    private Reader open(long since, Reader reader) {
        synchronized (lock) {
            reader.begin(newest);
            if (since >= 0) {
                replay(reader, since);
            }
            setReaders(append(readers, reader));
        }
        wake(reader);
        return reader;
    }

    /** Marks what is to be replayed; confined to the lock. */
    private void replay(Reader reader, long since) {
        long oldest = oldest();
        if (since > newest) {
            reader.lose(new Gap(1, oldest - 1, "restart"));
        } else if (since + 1 < oldest) {
            reader.lose(new Gap(since + 1, oldest - 1, "window"));
        }
        long from = since > newest ? oldest : Math.max(since + 1, oldest);
        long count = 0;
        for (long seq = from; seq <= newest; seq++) {
            Event event = ring.get(seq);
            if (event != null && reader.wants(event.topic())) {
                reader.mark(seq);
                count++;
            }
        }
        reader.willReplay(count);
    }

    /** Takes a reader off the bus. */
    void remove(Reader reader) {
        synchronized (lock) {
            setReaders(Arrays.stream(readers).filter(other -> other != reader).toArray(Reader[]::new));
        }
    }

    /** A reader's topics have changed. */
    void refresh() {
        synchronized (lock) {
            setReaders(readers);
        }
    }

    private void setReaders(Reader[] now) {
        readers = now;
        readersOfTopic.clear();
    }

    private static Reader[] append(Reader[] all, Reader one) {
        Reader[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = one;
        return more;
    }

    /** Held while an event is numbered; also guards each reader's marks. */
    Object lock() {
        return lock;
    }

    Ring ring() {
        return ring;
    }

    /** The oldest number in the window, one more than the newest when there is none. */
    long oldest() {
        return Math.max(floor, newest - ring.size() + 1);
    }

    /** Changes the window and keeps what fits. */
    void resize(int events) {
        synchronized (lock) {
            if (events != ring.size()) {
                floor = oldest();
                ring = ring.resized(events, newest);
            }
        }
    }

    @Override
    public String epoch() {
        return epoch;
    }

    @Override
    public long seq() {
        return newest;
    }

    int subscribers() {
        return readers.length;
    }
}
