package io.koshi.buffer;

import io.koshi.api.Batch;
import io.koshi.api.Entry;
import io.koshi.api.ErrorCode;
import io.koshi.api.KoshiException;
import io.koshi.store.Tx;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The inbox from inside: gathers what was accepted into batches and keeps the state of every entry:
 * received, batched, routed, then done, dropped or dead.
 */
@ProviderType
public interface Buffer {
    /** Takes batches; see {@link #open}. */
    @FunctionalInterface
    interface Sink {
        /**
         * Routes batches of different conversations. Returns when the outcome is on disk; what it throws
         * sends the batches back to be tried again, 3 times, then each entry is a dead letter. A
         * conversation's next batch is not offered before this returns.
         *
         * @throws Unrouted when only some are to be tried again: the others' outcome is on disk
         */
        void route(List<Batch> batches) throws Exception;
    }

    /**
     * Some batches of a call could not be routed; the call's other batches were. A reason whose code is
     * SERVICE_UNAVAILABLE (a room is away for the moment) is not counted as a try: the batch waits.
     */
    final class Unrouted extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Map<String, KoshiException> reasons;

        /** @param reasons why, by the batch's id */
        public Unrouted(Map<String, KoshiException> reasons) {
            super(reasons.size() + " batches wait to be routed again");
            this.reasons = Map.copyOf(reasons);
        }

        /** Why each batch could not be routed, by its id. */
        public Map<String, KoshiException> reasons() {
            return reasons;
        }
    }

    /**
     * Starts delivering: first what an earlier run left unrouted, then what comes; lower priority numbers
     * first, in order within each. One sink at a time; closing it lets what is under way finish.
     */
    AutoCloseable open(Sink sink);

    /** The router has handed the entries on; they stay open until {@link #done}. */
    void routed(Tx tx, List<Long> entries, String rule);

    /** Nothing is owed for these entries any more. */
    void done(Tx tx, List<Long> entries, Optional<String> rule);

    /** As {@link #done(Tx, List, Optional)}, by the messages' ids. */
    void doneIds(Tx tx, List<String> ids);

    /** A rule dropped them. */
    void dropped(Tx tx, List<Long> entries, String rule, String reason);

    /** An entry by its message's id, while it is kept; for those who explain, not for those who route. */
    default Optional<Entry> find(String id) {
        return Optional.empty();
    }

    /** They cannot be dealt with; a person may redrive them. */
    void dead(Tx tx, List<String> ids, String stage, ErrorCode code, String message);
}
