package io.koshi.hub.internal;

import io.koshi.rpc.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What hub.trace answers: a message's way, step by step. */
record HubTrace(
        @Doc("The message's id.") String id,
        @Doc("The platform's own id.") Optional<String> externalId,

        @Doc("The channel it came in on; left out once the message itself is no longer kept.")
        Optional<String> channel,

        @Doc("The conversation on it.") Optional<String> conversation,

        @Doc("How far it is: received, batched, routed, running, replying, done, dropped, failed or dead.")
        String state,

        @Doc("Steps in the order of time.") List<Step> hops,

        @Doc("Other messages that the reference may mean as well.")
        Optional<List<String>> others) {

    record Step(
            @Doc("When.") Instant at,

            @Doc("received, batched, routed, run, tool, reply, sent, failed or dead.")
            String hop,

            @Doc("What the step made: an entry, rule, run, call, reply or platform id.")
            String ref,

            @Doc("Which try it was.") int attempt,

            @Doc("How long it took; 0 where that says nothing.")
            long ms,

            @Doc("What a person should know of it.") String detail) {}
}
