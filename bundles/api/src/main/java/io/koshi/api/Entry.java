package io.koshi.api;

import java.time.Instant;

/**
 * A message the hub has promised not to lose.
 *
 * @param id the ULID that follows the message from webhook to receipt
 * @param entry the buffer's row number, rising with acceptance
 * @param message what was accepted
 * @param acceptedAt when its commit was asked for
 */
public record Entry(String id, long entry, Message message, Instant acceptedAt) {}
