package io.koshi.gateway.internal;

/**
 * How long a WebSocket client is waited for, in milliseconds.
 *
 * @param messageMs from the first byte of a message to its last
 * @param stallMs while it takes nothing of what waits for it
 */
record Patience(long messageMs, long stallMs) {
    static final Patience USUAL = new Patience(30_000, 30_000);
}
