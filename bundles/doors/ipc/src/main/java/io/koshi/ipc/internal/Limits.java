package io.koshi.ipc.internal;

import java.time.Duration;

/**
 * How much one connection may take before it is held back or closed.
 *
 * @param frameTime how long a frame may take from its first byte to its last
 * @param stallTime how long nothing may be written while something waits to be
 * @param connections clients at a time
 */
record Limits(Duration frameTime, Duration stallTime, int connections) {
    static final Limits USUAL = new Limits(Duration.ofSeconds(30), Duration.ofSeconds(30), 256);
}
