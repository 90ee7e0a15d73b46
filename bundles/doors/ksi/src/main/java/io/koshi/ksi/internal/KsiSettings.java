package io.koshi.ksi.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.config.Config;
import java.util.Optional;

/**
 * The block {@code doors.ksi}. Its clients send no credential, so it is served on this machine only.
 *
 * @param http port of the HTTP paths, 0 for any free one
 * @param socket where the socket would be; not served by this door
 * @param model the model that a spawn runs on; else the one it names, else the first whose plugin is {@code command}
 */
record KsiSettings(
        @Default("8000") @Range(min = 0, max = 65535) int http, Optional<String> socket, Optional<String> model) {
    static final String NAME = "ksi";

    /** What the configuration says; empty when this door is not named. */
    static Optional<KsiSettings> of(Config config, Codec codec) {
        return Optional.ofNullable(config.doors().get(NAME)).map(block -> codec.fromData(block, KsiSettings.class));
    }
}
