package io.koshi.agent;

import io.koshi.api.Address;
import io.koshi.api.Message;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.session.Sessions;
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
     * @param parts blobs that go with the prompt
     * @param model a name from {@code models}; empty for the configured one
     * @param taskId the task it works on, which is leased to the run until it ends
     * @param priority lower goes first among sessions; inside one session order rules
     * @param trust the least trusted of those whose words are in the prompt
     */
    record Ask(
            String sessionKey,
            Optional<Address> replyTo,
            List<String> messageIds,
            String prompt,
            List<Part> parts,
            Optional<String> model,
            Optional<String> taskId,
            int priority,
            Trust trust) {
        /** @throws io.koshi.api.KoshiException INVALID_PARAMS for a key that names no session: no answer could be kept */
        public Ask {
            Sessions.checkedKey(sessionKey);
            messageIds = List.copyOf(messageIds);
            parts = List.copyOf(parts);
        }

        /** A prompt of the hub's owner, answered in the transcript only. */
        public static Ask of(String sessionKey, String prompt) {
            return new Ask(
                    sessionKey,
                    Optional.empty(),
                    List.of(),
                    prompt,
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Message.PERSON,
                    Trust.HIGH);
        }
    }

    /** Stores a turn in the caller's commit and runs it after; returns its run id. */
    String enqueue(Tx tx, Ask ask);

    /** Ends a run that is queued or running; false when there was none. */
    boolean abort(String runId);
}
