package io.koshi.tool;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Asks a person whether something may be done: in the conversation it is for, by {@code approval.decide} and by {@code
 * koshi approve ID}. Durable; what nobody decides in time is denied; what is open when the hub ends stays open for
 * the time it has left. Thread-safe.
 */
@ProviderType
public interface Approvals {
    /**
     * Asks and waits.
     *
     * @return never empty-handed: a time-out is a denial
     * @throws InterruptedException when the run that waits was ended; the request is withdrawn then
     */
    Answer ask(Request request) throws InterruptedException;

    /** Those that wait for a person, oldest first. */
    List<Pending> pending();

    /**
     * What is asked.
     *
     * @param person the session in whose conversation it is asked
     * @param arguments exactly what would be done; an approval holds for these and no others
     * @param bound what else it holds for, by name
     * @param reason why a person is asked, a clause
     * @param anew whether a person must say yes now: that someone once had it remembered is not enough
     */
    record Request(
            String person,
            String runId,
            String tool,
            Map<String, Object> arguments,
            Map<String, String> bound,
            String reason,
            boolean anew) {
        public Request {
            Objects.requireNonNull(person, "person");
            Objects.requireNonNull(runId, "runId");
            Objects.requireNonNull(tool, "tool");
            bound = Map.copyOf(bound);
        }
    }

    /**
     * @param argsHash SHA-256 in hex of what the approval is bound to
     * @param expiresAt when it is denied by itself
     */
    record Pending(String id, Request request, String argsHash, Instant createdAt, Instant expiresAt) {}

    /**
     * How it ended.
     *
     * @param by who decided; {@code timeout} where nobody did
     * @param note what else to tell the model, a sentence; empty where nothing is
     */
    record Answer(String id, boolean allowed, String by, Optional<String> note) {}
}
