package io.koshi.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Something somebody sent, as its channel or listener understood it; immutable.
 *
 * @param from the channel and conversation it came in on
 * @param sender who sent it, in the platform's own terms
 * @param parts what it says, at least an empty list
 * @param fields plain data to route on (a webhook's payload), see {@link io.koshi.codec.Codec} for what
 *     plain data is; may be lazily parsed, so reading it may cost
 * @param externalId the platform's own id; a second message with the same channel, account and id is a
 *     duplicate and has no effect
 * @param at when it was sent, by the platform's clock where there is one
 * @param priority lower goes first: 10 a person's message, 50 a webhook, 100 a notification
 * @param trust how far its author is trusted
 */
public record Message(
        Address from,
        String sender,
        List<Part> parts,
        Map<String, Object> fields,
        Optional<String> externalId,
        Instant at,
        int priority,
        Trust trust) {
    public static final int PERSON = 10;
    public static final int WEBHOOK = 50;
    public static final int NOTIFICATION = 100;

    public Message {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(sender, "sender");
        parts = List.copyOf(parts);
        Objects.requireNonNull(fields, "fields");
        Objects.requireNonNull(externalId, "externalId");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(trust, "trust");
        if (priority < 0 || priority > 1000) {
            throw KoshiException.invalid("/priority", "a priority is 0 to 1000, lower goes first");
        }
    }

    /** A person's words, sent now. */
    public static Message of(Address from, String text) {
        return new Message(
                from,
                from.conversation(),
                List.of(Part.text(text)),
                Map.of(),
                Optional.empty(),
                Instant.now(),
                PERSON,
                Trust.MEDIUM);
    }

    public Message withSender(String sender) {
        return new Message(from, sender, parts, fields, externalId, at, priority, trust);
    }

    public Message withFields(Map<String, Object> fields) {
        return new Message(from, sender, parts, fields, externalId, at, priority, trust);
    }

    public Message withExternalId(String externalId) {
        return new Message(from, sender, parts, fields, Optional.of(externalId), at, priority, trust);
    }

    public Message withPriority(int priority) {
        return new Message(from, sender, parts, fields, externalId, at, priority, trust);
    }

    public Message withTrust(Trust trust) {
        return new Message(from, sender, parts, fields, externalId, at, priority, trust);
    }

    /** All text parts, joined by line feeds. */
    public String text() {
        return parts.stream()
                .filter(Part.Text.class::isInstance)
                .map(part -> ((Part.Text) part).text())
                .collect(Collectors.joining("\n"));
    }
}
