package io.koshi.api;

/**
 * The hub's promise: the message is on disk.
 *
 * @param id the message's ULID; for a duplicate, the first one's
 * @param entry its row in the buffer
 * @param duplicate whether it had been accepted before and so has no further effect
 */
public record Accepted(String id, long entry, boolean duplicate) {}
