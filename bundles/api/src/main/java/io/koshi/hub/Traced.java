package io.koshi.hub;

import java.time.Instant;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** A room that knows a part of a message's way; hub.trace asks them all. */
@ConsumerType
public interface Traced {
    /**
     * One step.
     *
     * @param hop received, batched, routed, run, tool, reply, sent, failed or dead
     * @param ref the id of what the step made: entry, rule, run, call, reply or platform id
     * @param ms how long it took, 0 where that says nothing
     */
    record Hop(Instant at, String hop, String ref, int attempt, long ms, String detail) {}

    /** Ids of messages that a person may mean by this reference: an id, external id, run id or task id. */
    List<String> resolve(String ref);

    /** The steps this room knows of a message. */
    List<Hop> hops(String messageId);
}
