package io.koshi.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Hands events to those who asked for them, one at a time, and remembers the place in the hub's sequence. A program
 * that falls 10,000 events behind is told of those it lost. Thread-safe.
 */
final class Delivery implements AutoCloseable {
    private static final int MOST_WAITING = 10_000;

    private final List<HubClient.Listener> listeners;
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread made = new Thread(task, "koshi-client-events");
                made.setDaemon(true);
                return made;
            });

    private String epoch; // guarded by this
    private long seq; // guarded by this
    private long lostFrom; // confined to the reading thread
    private long lostTo; // confined to the reading thread

    Delivery(List<HubClient.Listener> listeners) {
        this.listeners = listeners;
        thread.allowCoreThreadTimeOut(true);
    }

    /** Where to go on, empty before the first subscription. */
    synchronized Optional<Map<String, Object>> place() {
        if (epoch == null) {
            return Optional.empty();
        }
        Map<String, Object> place = new LinkedHashMap<>();
        place.put("epoch", epoch);
        place.put("seq", seq);
        return Optional.of(place);
    }

    /**
     * A subscription has begun.
     *
     * @param resumed whether it went on from {@link #place}
     */
    synchronized void begun(Map<String, Object> answer, boolean resumed) {
        String now = String.valueOf(answer.get("epoch"));
        boolean same = now.equals(epoch);
        if (!same) {
            seq = resumed && epoch != null ? 0 : answer.get("seq") instanceof Long from ? from : 0;
        }
        epoch = now;
    }

    @SuppressWarnings("unchecked")
    void take(Map<?, ?> frame) {
        long number = frame.get("seq") instanceof Long given ? given : 0;
        String topic = String.valueOf(frame.get("event"));
        Map<String, Object> payload =
                frame.get("payload") instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
        synchronized (this) {
            if (number > 0 && !topic.equals(HubEvent.GAP)) {
                seq = Math.max(seq, number);
            }
        }
        HubEvent event = new HubEvent(
                topic.equals(HubEvent.GAP) ? 0 : number, String.valueOf(frame.get("source")), topic, payload);
        if (thread.getQueue().size() >= MOST_WAITING) {
            lostFrom = lostFrom == 0 ? number : lostFrom;
            lostTo = number;
            return;
        }
        if (lostFrom > 0) {
            HubEvent gap =
                    new HubEvent(0, "client", HubEvent.GAP, Map.of("from", lostFrom, "to", lostTo, "reason", "slow"));
            lostFrom = 0;
            thread.execute(() -> deliver(gap));
        }
        if (!thread.isShutdown()) {
            thread.execute(() -> deliver(event));
        }
    }

    private void deliver(HubEvent event) {
        for (HubClient.Listener each : listeners) {
            if (event.topic().equals(HubEvent.GAP) || Topics.match(each.topics(), event.topic())) {
                try {
                    each.consumer().accept(event);
                } catch (RuntimeException e) {
                    Thread thread = Thread.currentThread();
                    thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
                }
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
