package io.koshi.task;

import io.koshi.api.ErrorCode;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Work that outlives a turn. */
@ProviderType
public interface Tasks {
    /**
     * What is to be done.
     *
     * @param type {@code chat}, {@code python}, {@code shell} or {@code human}
     * @param priority lower goes first, 100 unless told
     * @param dependsOn tasks that must be done first
     * @param requestId the same one again gives the first task back
     * @param sourceIds messages it came from
     */
    record Order(
            Optional<String> title,
            String prompt,
            String type,
            int priority,
            Optional<String> project,
            Optional<String> skill,
            List<String> dependsOn,
            Optional<String> requestId,
            List<String> sourceIds) {
        public Order {
            dependsOn = List.copyOf(dependsOn);
            sourceIds = List.copyOf(sourceIds);
        }
    }

    /** Stores a task in the caller's commit; returns its id. */
    String enqueue(Tx tx, Order order);

    /**
     * Hands a queued task to a worker that holds it until it ends it: a new attempt under a new token.
     *
     * @return the fencing token, empty when the task is not queued
     */
    Optional<Long> lease(Tx tx, String taskId, String worker);

    /**
     * Ends a leased task well and lets those go on that waited for it.
     *
     * @return false, with nothing changed, when the token is not the newest or the task has ended
     */
    boolean done(Tx tx, String taskId, long fence, String result);

    /**
     * Ends a leased task badly, and with it those that depend on it.
     *
     * @return false, with nothing changed, when the token is not the newest or the task has ended
     */
    boolean failed(Tx tx, String taskId, long fence, ErrorCode code, String error);
}
