package io.koshi.session.internal;

import io.koshi.api.Address;
import io.koshi.api.Trust;
import io.koshi.rpc.Doc;
import io.koshi.session.Sessions.Role;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What this room tells others of sessions. */
final class SessionEvents {
    private SessionEvents() {}

    /** Payload of {@code session.created}. */
    record Created(String sessionKey, String kind, Instant at) {}

    /** Payload of {@code session.message}. */
    record Said(
            String sessionKey,
            String id,
            Role role,
            String content,
            Optional<String> runId,
            Optional<Trust> trust,
            Instant at) {}

    /** Where a session talks. */
    record Place(Address address, String sender) {}

    /** A session as {@code session.list} shows it. */
    record Session(
            @Doc("The session's key: channel:conversation, or main where sessions are shared.")
            String sessionKey,

            @Doc("chat, subagent, cron, or what it was created as.")
            String kind,

            @Doc("The channel the last message came in on.") Optional<String> channel,

            @Doc("The conversation the last message came in on.")
            Optional<String> conversation,

            @Doc("How many lines are kept.") long messages,
            @Doc("Tokens of those lines, estimated.") long tokens,
            @Doc("What its creator wanted kept with it.") Optional<Map<String, Object>> metadata,
            @Doc("When the session began.") Instant createdAt,
            @Doc("When the last line was added.") Instant updatedAt) {}
}
