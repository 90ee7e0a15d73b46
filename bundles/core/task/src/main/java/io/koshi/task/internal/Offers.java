package io.koshi.task.internal;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Which models the workers at work have, so that a task can say why nobody takes it. Thread-safe. */
final class Offers {
    /** Workers ask at least this often. */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final int MOST = 1024;

    private final LongSupplier clock;
    private final Map<String, Long> seen = new ConcurrentHashMap<>();

    /** @param clock as {@link System#nanoTime} */
    Offers(LongSupplier clock) {
        this.clock = clock;
    }

    /** A worker has asked for tasks. */
    void made(Set<String> models) {
        if (models.isEmpty()) {
            return;
        }
        long now = clock.getAsLong();
        if (seen.size() >= MOST) {
            seen.values().removeIf(at -> now - at > FRESH_NANOS);
        }
        for (String model : models) {
            if (seen.size() < MOST || seen.containsKey(model)) {
                seen.put(model, now);
            }
        }
    }

    /** Why a queued task that names a model is not done; empty where a worker has that model. */
    Optional<String> lacking(String model) {
        Long at = seen.get(model);
        return at != null && clock.getAsLong() - at <= FRESH_NANOS
                ? Optional.empty()
                : Optional.of(
                        "a worker that has the model '" + model + "'; none has asked for tasks in the last minute");
    }
}
