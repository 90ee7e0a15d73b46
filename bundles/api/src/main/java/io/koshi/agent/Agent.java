package io.koshi.agent;

import io.koshi.api.Address;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Runs turns: one per session at a time, sessions in parallel, each durable before it starts. */
@ProviderType
public interface Agent {
    /**
     * What a turn is to do.
     *
     * @param replyTo where the answer goes; empty when only the transcript gets it
     * @param messageIds the messages it answers; marked done in the commit that ends the turn
     * @param prompt the user's part of the exchange
     */
    record Ask(
            String sessionKey,
            Optional<Address> replyTo,
            List<String> messageIds,
            String prompt,
            Optional<String> model,
            Optional<String> taskId) {
        public Ask {
            messageIds = List.copyOf(messageIds);
        }
    }

    /** Stores a turn in the caller's commit and runs it after; returns its run id. */
    String enqueue(Tx tx, Ask ask);

    /** Ends a run that is queued or running; false when there was none. */
    boolean abort(String runId);
}
