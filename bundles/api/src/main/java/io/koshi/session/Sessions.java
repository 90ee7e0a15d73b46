package io.koshi.session;

import io.koshi.api.Address;
import io.koshi.api.KoshiException;
import io.koshi.api.Part;
import io.koshi.api.Trust;
import io.koshi.store.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Transcripts, bounded by {@code sessions.maxMessages} and {@code sessions.maxTokens}; the oldest lines go first. Beside
 * them it keeps narratives: what a session was about, in a few sentences, each naming the one before it.
 */
@ProviderType
public interface Sessions {
    /** The most characters a session's key has. */
    int LONGEST_KEY = 1024;

    /**
     * What is asked of a session's key before anything is kept under it.
     *
     * @throws KoshiException INVALID_PARAMS when it cannot name a session
     */
    static String checkedKey(String key) {
        if (key.isBlank() || key.length() > LONGEST_KEY) {
            throw KoshiException.invalid(
                    "/sessionKey", "a session key has 1 to " + LONGEST_KEY + " characters, and not only blank ones");
        }
        return key;
    }

    /** Who said it. */
    enum Role {
        USER,
        ASSISTANT,
        TOOL,
        SYSTEM
    }

    /**
     * One message of a transcript.
     *
     * @param trust the least trusted of those whose words are in it; empty where nobody said
     */
    record Line(
            String id,
            Role role,
            String content,
            List<Part> parts,
            Optional<String> runId,
            Optional<Trust> trust,
            Instant at) {}

    /**
     * What a session was about.
     *
     * @param topic a few words
     * @param memoryIds memories that belong to it
     * @param previous the narrative it goes on from
     */
    record Narrative(
            long id,
            String sessionKey,
            Optional<String> topic,
            String summary,
            List<Long> memoryIds,
            Optional<Long> previous,
            Instant at) {
        public Narrative {
            memoryIds = List.copyOf(memoryIds);
        }
    }

    /**
     * What a turn is told of what was said before it.
     *
     * @param summary of all that was said before the lines, where it was summed up
     * @param narrative the newest one
     * @param lines what was said since, oldest first
     */
    record Past(Optional<String> summary, Optional<Narrative> narrative, List<Line> lines) {
        public Past {
            lines = List.copyOf(lines);
        }
    }

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

    /** As {@link #append(Tx, String, Role, String, List, Optional)}, saying whose words are in it at the least. */
    default String append(
            Tx tx,
            String sessionKey,
            Role role,
            String content,
            List<Part> parts,
            Optional<String> runId,
            Trust trust) {
        return append(tx, sessionKey, role, content, parts, runId);
    }

    /** The newest lines, oldest of them first. */
    List<Line> history(String sessionKey, int newest);

    /** The newest lines that are not summed up yet, and what stands for those that are; one state of the session. */
    Past past(String sessionKey, int newest);

    /**
     * From now on this stands for all lines up to and with {@code lastLine} when a turn asks for the {@link #past}; the
     * lines stay in the transcript. It is also the session's newest narrative. Does nothing when that line is gone or
     * summed up already.
     */
    void sumUp(Tx tx, String sessionKey, String lastLine, String summary);

    /** Adds a sentence on the exchange that has just ended to the session's narrative. */
    void narrate(Tx tx, String sessionKey, String sentence);

    /** Forgets all lines and begins anew; the narratives stay to be found, but no turn is told of them. */
    void clear(Tx tx, String sessionKey);

    /** Lines of any session that match a person's words, best first. */
    List<Found> search(String query, int limit);
}
