package io.koshi.task;

import io.koshi.api.ErrorCode;
import io.koshi.api.Trust;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Work that outlives a turn. A task is leased to one worker at a time under a token that grows with each lease; what
 * comes under an older token, or after the end, changes nothing.
 */
@ProviderType
public interface Tasks {
    /** The priority of what names none. */
    int USUAL_PRIORITY = 100;

    /**
     * What is to be done.
     *
     * @param type {@code chat}, {@code python}, {@code shell} or {@code human}
     * @param priority lower goes first, 100 unless told
     * @param dependsOn tasks that must be done first
     * @param requestId the same one again gives the first task back
     * @param sourceIds messages it came from
     * @param autoRun the hub's own agent does it, no worker from outside gets it; for {@code chat} only
     * @param model a name from {@code models}; empty for the worker's own
     * @param systemPrompt what the model is told before the prompt
     * @param context what is known about it, for the worker
     * @param maxAttempts tries before it has failed; empty for {@code tasks.maxAttempts}
     * @param trust the least trusted of those whose words are in it; a run that does it has no more
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
            List<String> sourceIds,
            boolean autoRun,
            Optional<String> model,
            Optional<String> systemPrompt,
            Optional<String> context,
            Optional<Integer> maxAttempts,
            Trust trust) {
        public Order {
            dependsOn = List.copyOf(dependsOn);
            sourceIds = List.copyOf(sourceIds);
        }

        /** Of medium trust. */
        public Order(
                Optional<String> title,
                String prompt,
                String type,
                int priority,
                Optional<String> project,
                Optional<String> skill,
                List<String> dependsOn,
                Optional<String> requestId,
                List<String> sourceIds,
                boolean autoRun,
                Optional<String> model,
                Optional<String> systemPrompt,
                Optional<String> context,
                Optional<Integer> maxAttempts) {
            this(
                    title,
                    prompt,
                    type,
                    priority,
                    project,
                    skill,
                    dependsOn,
                    requestId,
                    sourceIds,
                    autoRun,
                    model,
                    systemPrompt,
                    context,
                    maxAttempts,
                    Trust.MEDIUM);
        }

        /** For a worker from outside, with the usual number of tries. */
        public Order(
                Optional<String> title,
                String prompt,
                String type,
                int priority,
                Optional<String> project,
                Optional<String> skill,
                List<String> dependsOn,
                Optional<String> requestId,
                List<String> sourceIds) {
            this(
                    title,
                    prompt,
                    type,
                    priority,
                    project,
                    skill,
                    dependsOn,
                    requestId,
                    sourceIds,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        /** A {@code chat} task that depends on nothing. */
        public static Order chat(String title, String prompt) {
            return new Order(
                    Optional.of(title),
                    prompt,
                    "chat",
                    USUAL_PRIORITY,
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Optional.empty(),
                    List.of());
        }

        /** The same for the hub's own agent. */
        public Order runByTheHub(Optional<String> runModel) {
            return new Order(
                    title,
                    prompt,
                    type,
                    priority,
                    project,
                    skill,
                    dependsOn,
                    requestId,
                    sourceIds,
                    true,
                    runModel,
                    systemPrompt,
                    context,
                    maxAttempts,
                    trust);
        }

        /** The same with the trust of those whose words are in it. */
        public Order trusted(Trust ofItsWords) {
            return new Order(
                    title,
                    prompt,
                    type,
                    priority,
                    project,
                    skill,
                    dependsOn,
                    requestId,
                    sourceIds,
                    autoRun,
                    model,
                    systemPrompt,
                    context,
                    maxAttempts,
                    ofItsWords);
        }

        /** The same with a skill, once for this request id. */
        public Order with(Optional<String> itsSkill, String itsRequestId) {
            return new Order(
                    title,
                    prompt,
                    type,
                    priority,
                    project,
                    itsSkill,
                    dependsOn,
                    Optional.of(itsRequestId),
                    sourceIds,
                    autoRun,
                    model,
                    systemPrompt,
                    context,
                    maxAttempts,
                    trust);
        }
    }

    /** Stores a task in the caller's commit; returns its id. */
    String enqueue(Tx tx, Order order);

    /**
     * Hands a queued task to a worker inside the hub that holds it until it ends it, over restarts too: a new attempt
     * under a new token.
     *
     * @return the fencing token, empty when the task is not queued
     */
    Optional<Long> lease(Tx tx, String taskId, String worker);

    /**
     * Takes the next queued tasks with {@code autoRun} as {@link #lease(Tx, String, String)} does: the way of the
     * hub's own agent.
     */
    List<Leased> take(Tx tx, String worker, int max);

    /**
     * Has a listener told when there may be something to {@link #take}: once after it was added, then after each
     * commit that made one; it may be told in vain, is called on a thread of the work pool, one call at a time.
     */
    AutoCloseable onTakeable(Runnable listener);

    /**
     * Ends a leased task well and lets those go on that waited for it.
     *
     * @return false, with nothing changed, when the token is not the newest or the task has ended
     */
    boolean done(Tx tx, String taskId, long fence, String result);

    /**
     * Ends a leased task badly for good, and with it those that depend on it.
     *
     * @return false, with nothing changed, when the token is not the newest or the task has ended
     */
    boolean failed(Tx tx, String taskId, long fence, ErrorCode code, String error);

    /**
     * Ends the attempt badly: the task is queued again after a pause, or has failed when no attempt is left.
     *
     * @return false, with nothing changed, when the token is not the newest or the task has ended
     */
    boolean nack(Tx tx, String taskId, long fence, ErrorCode code, String error);

    /** Calls a task off unless it has ended; what its worker brings later changes nothing. */
    boolean cancel(Tx tx, String taskId, String why);
}
