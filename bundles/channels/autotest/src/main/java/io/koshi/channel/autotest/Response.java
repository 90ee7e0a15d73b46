package io.koshi.channel.autotest;

import io.koshi.api.Part;
import io.koshi.api.Reply;
import io.koshi.rpc.Doc;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A reply of the hub, as it would have gone to a platform. */
record Response(
        @Doc("The reply's own id, the same on every attempt.")
        String id,

        @Doc("Where it goes to.") String conversation,
        @Doc("What it says.") String text,
        @Doc("Its parts, the text among them.") List<Part> parts,
        @Doc("The message it answers.") Optional<String> inReplyTo,
        @Doc("It may have been said before.") boolean duplicate,
        @Doc("When it came.") Instant at) {
    static Response of(Reply reply) {
        return new Response(
                reply.id(),
                reply.to().conversation(),
                reply.text(),
                reply.parts(),
                reply.inReplyTo(),
                reply.duplicate(),
                Instant.now());
    }

    /** Whether it is of this conversation, and answers this message, where they are named. */
    boolean fits(Optional<String> message, Optional<String> ofConversation) {
        return (message.isEmpty() || message.equals(inReplyTo))
                && (ofConversation.isEmpty() || ofConversation.get().equals(conversation));
    }
}
