package io.koshi.cron.internal;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Whose end is listened for: tasks and the agent's runs, by their ids. Thread-safe. */
final class OpenRuns {
    private final Map<String, Long> runs = new ConcurrentHashMap<>();
    private volatile Runnable onAdded = () -> {};

    /** Calls back after each that was added. */
    void onAdded(Runnable listener) {
        onAdded = listener;
    }

    /** A task that an agent works on ends as a task, which may be tried more than once. */
    void add(long run, Dispatch.Started started) {
        started.taskId().or(started::runId).ifPresent(id -> {
            runs.put(id, run);
            onAdded.run();
        });
    }

    boolean isEmpty() {
        return runs.isEmpty();
    }

    Optional<Long> take(String id) {
        return Optional.ofNullable(runs.remove(id));
    }
}
