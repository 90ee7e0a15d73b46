package io.koshi.session;

import io.koshi.api.Address;
import io.koshi.api.Part;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Transcripts, bounded by {@code sessions.maxMessages}; the oldest go first. */
@ProviderType
public interface Sessions {
    /** Who said it. */
    enum Role {
        USER,
        ASSISTANT,
        TOOL,
        SYSTEM
    }

    /** One message of a transcript. */
    record Line(String id, Role role, String content, List<Part> parts, Optional<String> runId, Instant at) {}

    /** A match of a search. */
    record Found(String sessionKey, Line line, double rank) {}

    /** The session a message belongs to, by {@code sessions.policy}. */
    String keyOf(Address from, String sender);

    /**
     * As {@link #keyOf}; the session is made when it is not there, and remembers that this is where it
     * talks, so that a person can be answered in it later.
     */
    String open(Tx tx, Address from, String sender);

    /** Where a session talks: what its last message came in on; empty where none has, and nobody can be asked there. */
    default Optional<Address> address(String sessionKey) {
        return Optional.empty();
    }

    /** Adds a line to a session, which is made when it is not there. */
    String append(Tx tx, String sessionKey, Role role, String content, List<Part> parts, Optional<String> runId);

    /** The newest lines, oldest of them first. */
    List<Line> history(String sessionKey, int newest);

    /** Lines of any session that match a person's words, best first. */
    List<Found> search(String query, int limit);
}
