package io.koshi.ipc.internal;

import io.koshi.api.KoshiException;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Gap;
import io.koshi.event.Subscription;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * What one connection listens to. A topic asked for twice is brought once, by the subscription that asked first.
 * Thread-safe.
 */
final class Subscriptions implements AutoCloseable {
    /** A client that wants more than this has lost count of them. */
    private static final int MOST = 64;

    private final Events events;
    private final Consumer<Event> sink;
    private final List<Place> places = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    /** @param sink is given one event at a time by each subscription; may block */
    Subscriptions(Events events, Consumer<Event> sink) {
        this.events = events;
        this.sink = sink;
    }

    /**
     * Adds topics.
     *
     * @param params {@code topics}, and {@code since}: a number, or epoch and seq of the last event seen
     */
    synchronized Begun subscribe(Map<String, Object> params) {
        only(params, "topics", "since");
        if (places.size() >= MOST) {
            throw KoshiException.overloaded(
                    "This connection has " + MOST + " subscriptions; end some with gateway.unsubscribe.",
                    Duration.ofSeconds(1));
        }
        List<String> topics = topics(params.get("topics"));
        Since since = Since.of(params.get("since"));
        boolean restarted = since.epoch().filter(e -> !e.equals(events.epoch())).isPresent();
        Place place = new Place(topics);
        Subscription subscription = events.subscribe(topics, restarted ? 0 : since.seq(), place::take);
        place.subscription = subscription;
        places.add(place);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("epoch", events.epoch());
        answer.put("seq", subscription.startedAt());
        answer.put("replayed", subscription.replayed());
        Optional<Gap> gap =
                restarted ? Optional.of(new Gap(since.seq() + 1, since.seq() + 1, "restart")) : Optional.empty();
        return new Begun(answer, gap, place.open::countDown);
    }

    /** Takes topics away as they were given; all of them when none are named. */
    synchronized Map<String, Object> unsubscribe(Map<String, Object> params) {
        only(params, "topics");
        Object named = params.get("topics");
        List<String> topics = named == null ? List.of() : topics(named);
        for (Place place : places) {
            place.topics = named == null
                    ? List.of()
                    : place.topics.stream().filter(t -> !topics.contains(t)).toList();
            if (place.topics.isEmpty()) {
                places.remove(place);
                place.end();
            }
        }
        return Map.of("topics", places.stream().flatMap(p -> p.topics.stream()).toList());
    }

    @Override
    public synchronized void close() {
        closed = true;
        places.forEach(Place::end);
        places.clear();
    }

    private static List<String> topics(Object value) {
        if (!(value instanceof List<?> list) || list.isEmpty() || !list.stream().allMatch(String.class::isInstance)) {
            throw KoshiException.invalid("/topics", "name at least one topic, for example [\"run.*\"]");
        }
        return list.stream().map(String.class::cast).toList();
    }

    private static void only(Map<String, Object> params, String... known) {
        for (String name : params.keySet()) {
            if (!List.of(known).contains(name)) {
                throw KoshiException.invalid("/" + name, "unknown; there is " + String.join(" and ", known));
            }
        }
    }

    /**
     * A subscription that waits for {@code begin} before it brings anything, so that its answer goes first.
     *
     * @param gap what the client lost because the hub was started anew
     */
    record Begun(Map<String, Object> answer, Optional<Gap> gap, Runnable begin) {}

    /** The last event a client saw, -1 where it wants no replay. */
    private record Since(Optional<String> epoch, long seq) {
        static Since of(Object value) {
            if (value == null) {
                return new Since(Optional.empty(), -1);
            }
            if (value instanceof Long seq && seq >= 0) {
                return new Since(Optional.empty(), seq);
            }
            if (value instanceof Map<?, ?> map
                    && map.get("epoch") instanceof String epoch
                    && map.get("seq") instanceof Long seq
                    && seq >= 0) {
                return new Since(Optional.of(epoch), seq);
            }
            throw KoshiException.invalid("/since", "give the number of the last event seen, or its epoch and seq");
        }
    }

    /** One subscription of the bus. */
    private final class Place {
        private final CountDownLatch open = new CountDownLatch(1);
        private volatile List<String> topics;
        private volatile Subscription subscription;

        Place(List<String> topics) {
            this.topics = topics;
        }

        void take(Event event) {
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (!closed && mine(event.topic())) {
                sink.accept(event);
            }
        }

        /** Whether no subscription before this one brings it; a gap is everyone's own. */
        private boolean mine(String topic) {
            if (topic.equals(Gap.TOPIC)) {
                return true;
            }
            for (Place each : places) {
                if (each == this || Topics.match(each.topics, topic)) {
                    return each == this && Topics.match(topics, topic);
                }
            }
            return false;
        }

        void end() {
            open.countDown();
            subscription.close();
        }
    }
}
