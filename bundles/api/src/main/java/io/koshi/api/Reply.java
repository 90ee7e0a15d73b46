package io.koshi.api;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Something the hub says, on its way out; immutable.
 *
 * @param id a ULID; the same on every attempt, so a platform can tell a repeat
 * @param to the channel and conversation it goes to
 * @param parts what it says
 * @param inReplyTo the id of the message it answers
 * @param expiresAt after this it is a dead letter and is never sent
 * @param attempt counts from 1
 * @param duplicate a crash may have cut off an earlier attempt after the platform had taken it
 */
public record Reply(
        String id,
        Address to,
        List<Part> parts,
        Optional<String> inReplyTo,
        Instant expiresAt,
        int attempt,
        boolean duplicate) {
    public Reply {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(to, "to");
        parts = List.copyOf(parts);
        Objects.requireNonNull(inReplyTo, "inReplyTo");
        Objects.requireNonNull(expiresAt, "expiresAt");
    }

    /** All text parts, joined by line feeds. */
    public String text() {
        return parts.stream()
                .filter(Part.Text.class::isInstance)
                .map(part -> ((Part.Text) part).text())
                .collect(Collectors.joining("\n"));
    }
}
