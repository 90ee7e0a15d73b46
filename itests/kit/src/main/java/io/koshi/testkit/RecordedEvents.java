package io.koshi.testkit;

import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** A bus that remembers all it was told; like the real one it calls a listener in order, one call at a time. Thread-safe. */
public final class RecordedEvents implements Events {
    /** Oldest first; their numbers are 1, 2, 3 and so on. */
    public final List<Event> events = new CopyOnWriteArrayList<>();

    private final List<Ear> ears = new CopyOnWriteArrayList<>();
    private final Executor work;

    /** @param work where listeners are called */
    public RecordedEvents(Executor work) {
        this.work = work;
    }

    /** A bus on which nobody may subscribe. */
    public RecordedEvents() {
        this(task -> {
            throw new UnsupportedOperationException("nobody subscribes here");
        });
    }

    /** Payloads of a topic, oldest first. */
    public List<Object> of(String topic) {
        return List.copyOf(events.stream()
                .filter(event -> event.topic().equals(topic))
                .map(Event::payload)
                .toList());
    }

    public List<String> topics() {
        return events.stream().map(Event::topic).toList();
    }

    @Override
    public synchronized long publish(String source, String topic, Object payload) {
        Event event = new Event(events.size() + 1L, source, topic, payload);
        events.add(event);
        ears.forEach(ear -> ear.hear(event));
        return event.seq();
    }

    /** Nothing is replayed, whatever {@code since} says. */
    @Override
    public synchronized Subscription subscribe(List<String> topics, long since, Consumer<Event> listener) {
        Ear ear = new Ear(topics, listener, events.size());
        ears.add(ear);
        return ear;
    }

    @Override
    public String epoch() {
        return "test";
    }

    @Override
    public long seq() {
        return events.size();
    }

    /** One subscriber; {@code hear} is called under the bus's lock. */
    private final class Ear implements Subscription {
        private final List<String> topics;
        private final Consumer<Event> listener;
        private final long startedAt;
        private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
        private volatile boolean closed;

        Ear(List<String> topics, Consumer<Event> listener, long startedAt) {
            this.topics = topics;
            this.listener = listener;
            this.startedAt = startedAt;
        }

        void hear(Event event) {
            if (topics.stream().anyMatch(pattern -> matches(pattern, event.topic()))) {
                last = last.handleAsync(
                        (done, failed) -> {
                            if (!closed) {
                                listener.accept(event);
                            }
                            return null;
                        },
                        work);
            }
        }

        /** As far as tests need it: a whole topic, or a star at the end. */
        private static boolean matches(String pattern, String topic) {
            return pattern.endsWith("*")
                    ? topic.startsWith(pattern.substring(0, pattern.length() - 1))
                    : pattern.equals(topic);
        }

        @Override
        public long startedAt() {
            return startedAt;
        }

        @Override
        public long replayed() {
            return 0;
        }

        @Override
        public void close() {
            closed = true;
            ears.remove(this);
        }
    }
}
