package io.koshi.buffer.internal;

import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A bus that remembers. */
final class RecordedEvents implements Events {
    private final List<Event> events = new CopyOnWriteArrayList<>();

    List<Object> of(String topic) {
        return new ArrayList<>(events.stream()
                .filter(event -> event.topic().equals(topic))
                .map(Event::payload)
                .toList());
    }

    @Override
    public synchronized long publish(String source, String topic, Object payload) {
        events.add(new Event(events.size() + 1L, source, topic, payload));
        return events.size();
    }

    @Override
    public Subscription subscribe(List<String> topics, long since, Consumer<Event> listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String epoch() {
        return "test";
    }

    @Override
    public long seq() {
        return events.size();
    }
}
