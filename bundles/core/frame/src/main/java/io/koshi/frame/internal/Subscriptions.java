package io.koshi.frame.internal;

import io.koshi.api.KoshiException;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Follower;
import io.koshi.event.Gap;
import io.koshi.event.Subscription;
import io.koshi.frame.Form;
import io.koshi.frame.Line;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What one connection listens to. A topic asked for twice is brought once, by the subscription that asked first. A
 * client that reads slowly is not waited for: its events wait in the bus's window. Thread-safe.
 */
final class Subscriptions implements AutoCloseable {
    /** A client that wants more than this has lost count of them. */
    private static final int MOST = 64;

    private final Events events;
    private final EncodedEvents encoded;
    private final Line line;
    private final int backlog;
    private final List<Place> places = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /** @param backlog bytes that may wait on the line before events are held back */
    Subscriptions(Events events, EncodedEvents encoded, Line line, int backlog) {
        this.events = events;
        this.encoded = encoded;
        this.line = line;
        this.backlog = backlog;
    }

    /** Adds topics, to be brought in this form. */
    synchronized Begun subscribe(List<String> topics, Since since, Form form) {
        if (places.size() >= MOST) {
            throw KoshiException.overloaded(
                    "This connection has " + MOST + " subscriptions; end some with gateway.unsubscribe.",
                    Duration.ofSeconds(1));
        }
        boolean restarted = since.epoch().filter(e -> !e.equals(events.epoch())).isPresent();
        Place place = new Place(topics, form);
        Subscription subscription = events.follow(topics, restarted ? 0 : since.seq(), place);
        place.subscription = subscription;
        places.add(place);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("epoch", events.epoch());
        answer.put("seq", subscription.startedAt());
        answer.put("replayed", subscription.replayed());
        Optional<Gap> gap =
                restarted ? Optional.of(new Gap(since.seq() + 1, since.seq() + 1, "restart")) : Optional.empty();
        return new Begun(answer, gap, place::begin);
    }

    /** Takes topics away as they were given; all of them when empty. */
    synchronized Map<String, Object> unsubscribe(List<String> topics) {
        for (Place place : places) {
            place.topics = topics.isEmpty()
                    ? List.of()
                    : place.topics.stream().filter(t -> !topics.contains(t)).toList();
            if (place.topics.isEmpty()) {
                places.remove(place);
                place.end();
            }
        }
        return Map.of("topics", topics());
    }

    List<String> topics() {
        return places.stream().flatMap(p -> p.topics.stream()).toList();
    }

    /** The line has room again. */
    void resume() {
        for (Place place : places) {
            place.subscription.resume();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        places.forEach(Place::end);
        places.clear();
    }

    /**
     * A subscription that waits for {@code begin} before it brings anything, so that its answer goes first.
     *
     * @param gap what the client lost because the hub was started anew
     */
    record Begun(Map<String, Object> answer, Optional<Gap> gap, Runnable begin) {}

    /** One subscription of the bus. */
    private final class Place implements Follower {
        private final Form form;
        private volatile boolean begun;
        private volatile List<String> topics;
        private volatile Subscription subscription;
        private boolean refused; // confined to the thread that brings events

        Place(List<String> topics, Form form) {
            this.topics = topics;
            this.form = form;
        }

        void begin() {
            begun = true;
            subscription.resume();
        }

        @Override
        public boolean take(Event event) {
            if (closed) {
                return true;
            }
            if (!begun || line.waiting() > backlog) {
                refused = true;
                return false;
            }
            if (mine(event.topic())) {
                line.send(form, encoded.of(form, event));
            }
            return true;
        }

        @Override
        public void rest() {
            line.flush();
            if (refused) {
                refused = false;
                if (begun && line.waiting() <= backlog && subscription != null) {
                    subscription.resume(); // a line that could send all of it at once says nothing of it later
                }
            }
        }

        /** Whether no subscription before this one brings it; a gap is everyone's own. */
        private boolean mine(String topic) {
            if (topic.equals(Gap.TOPIC)) {
                return true;
            }
            if (places.size() == 1) {
                return Topics.match(topics, topic);
            }
            for (Place each : places) {
                if (each == this || Topics.match(each.topics, topic)) {
                    return each == this && Topics.match(topics, topic);
                }
            }
            return false;
        }

        void end() {
            subscription.close();
        }
    }
}
