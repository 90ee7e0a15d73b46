package io.koshi.outbox;

import io.koshi.api.Address;
import io.koshi.api.Part;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Where replies leave: stored in the caller's commit, sent in order within each conversation. */
@ProviderType
public interface Outbox {
    /**
     * Stores a reply; it is sent after the commit, when its channel is there.
     *
     * @param inReplyTo the id of the message it answers
     * @param runId the run that made it
     * @return the reply's id
     */
    String enqueue(Tx tx, Address to, List<Part> parts, Optional<String> inReplyTo, Optional<String> runId);

    /** How much waits and how much was given up. */
    Stats stats();

    /**
     * @param pending replies that wait or are being sent
     * @param dead replies that a person may redrive
     */
    record Stats(long pending, long dead) {}
}
