package io.koshi.router;

import io.koshi.api.Batch;
import io.koshi.api.Problem;
import io.koshi.store.Tx;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Something a routing rule can do with a batch; offered as a service with {@link ActionName} by the room
 * that does it.
 */
@ConsumerType
public interface Action {
    /** What became of the entries, as far as this action goes. */
    enum Outcome {
        /** Nothing more is owed for them. */
        DONE,
        /** This room will mark them done itself. */
        OPEN
    }

    /** What is wrong with a rule's argument, paths relative to it; called when a configuration is checked. */
    List<Problem> check(Object argument);

    /**
     * Whether each message counts: the router then fills the templates for every message of a batch and
     * applies the action once for each run of messages whose argument came out the same. Otherwise it is
     * applied once, filled from the batch's first message.
     */
    default boolean perMessage() {
        return false;
    }

    /**
     * Does it inside the commit that routes the batch; what must happen outside goes into {@link
     * Tx#afterCommit}.
     *
     * @param argument the rule's argument with its templates filled in from the batch's first message
     */
    Outcome apply(Tx tx, Batch batch, Object argument);
}
