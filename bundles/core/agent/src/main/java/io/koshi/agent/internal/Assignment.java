package io.koshi.agent.internal;

import io.koshi.api.Address;
import java.util.Optional;

/**
 * What a turn is, beside what it says.
 *
 * @param skill what a specialist works by, and whose tools it has
 * @param system what its model is told beside the hub's own words
 * @param employer the session a specialist works for: it is told how the work ended, and its results may be read
 * @param talksAt where that session's answers go
 */
record Assignment(
        Kind kind,
        Optional<String> skill,
        Optional<String> system,
        Optional<String> employer,
        Optional<Address> talksAt) {
    /** The three sorts of turns. */
    enum Kind {
        /** The main agent answers somebody. */
        MAIN,
        /** A specialist works on a task. */
        WORKER,
        /** The main agent is told how work ended that it gave out. */
        REPORT
    }

    static final Assignment MAIN =
            new Assignment(Kind.MAIN, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    static final Assignment REPORT =
            new Assignment(Kind.REPORT, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** A specialist whose work ends its task and is told to nobody unless it fails. */
    static Assignment worker(Optional<String> skill, Optional<String> system) {
        return new Assignment(Kind.WORKER, skill, system, Optional.empty(), Optional.empty());
    }

    /** The same for a session that wants to be told. */
    Assignment workingFor(String session, Optional<Address> where) {
        return new Assignment(kind, skill, system, Optional.of(session), where);
    }

    boolean isWorker() {
        return kind == Kind.WORKER;
    }
}
