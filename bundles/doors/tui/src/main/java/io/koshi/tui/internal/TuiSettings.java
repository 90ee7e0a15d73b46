package io.koshi.tui.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.config.Config;
import java.util.Optional;

/**
 * The block {@code doors.tui}; the port is on loopback, since the older terminal brings no token.
 *
 * @param port 0 for any free one
 * @param pingMs how often a client is pinged
 */
record TuiSettings(
        @Default("3200") @Range(min = 0, max = 65535) int port,
        @Default("30000") @Range(min = 100, max = 3600000) int pingMs) {
    static final String NAME = "tui";

    /**
     * What the configuration says; empty when this door is not named.
     *
     * @throws io.koshi.api.KoshiException INVALID_PARAMS for what is no such block
     */
    static Optional<TuiSettings> of(Config config, Codec codec) {
        return Optional.ofNullable(config.doors().get(NAME)).map(block -> codec.fromData(block, TuiSettings.class));
    }
}
