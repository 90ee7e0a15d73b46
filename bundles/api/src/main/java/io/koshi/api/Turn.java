package io.koshi.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One answer of an agent being made: queued, running, then done, failed or cancelled.
 *
 * @param runId a ULID; the same on every attempt
 * @param sessionKey the session it belongs to, {@code channel:conversation} or {@code main}
 * @param replyTo where the answer goes, empty where nobody waits for one
 * @param messageIds the messages it answers
 * @param prompt what is asked of the model, as the user's part of the exchange
 * @param parts blobs that go with the prompt
 * @param model the named model asked for, empty for the configured one
 * @param taskId the task it works on
 * @param priority lower goes first
 * @param trust the least trusted of those whose words are in the prompt
 * @param attempt counts from 1
 */
public record Turn(
        String runId,
        String sessionKey,
        Optional<Address> replyTo,
        List<String> messageIds,
        String prompt,
        List<Part> parts,
        Optional<String> model,
        Optional<String> taskId,
        int priority,
        Trust trust,
        int attempt,
        Instant queuedAt) {
    public Turn {
        messageIds = List.copyOf(messageIds);
        parts = List.copyOf(parts);
    }
}
