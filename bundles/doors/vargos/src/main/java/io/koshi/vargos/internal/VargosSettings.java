package io.koshi.vargos.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.config.Config;
import java.util.Optional;

/**
 * The block {@code doors.vargos}; the port is on loopback, since the older clients bring no token.
 *
 * @param port 0 for any free one
 * @param requestTimeoutMs how long a service may take to answer
 * @param pingMs how often a client is pinged
 */
record VargosSettings(
        @Default("9000") @Range(min = 0, max = 65535) int port,
        @Default("300000") @Range(min = 1, max = 86400000) int requestTimeoutMs,
        @Default("30000") @Range(min = 100, max = 3600000) int pingMs) {
    static final String NAME = "vargos";

    /**
     * What the configuration says; empty when this door is not named.
     *
     * @throws io.koshi.api.KoshiException INVALID_PARAMS for what is no such block
     */
    static Optional<VargosSettings> of(Config config, Codec codec) {
        return Optional.ofNullable(config.doors().get(NAME)).map(block -> codec.fromData(block, VargosSettings.class));
    }
}
