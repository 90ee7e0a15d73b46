package io.koshi.swarm.internal;

import io.koshi.codec.Codec;
import io.koshi.codec.Default;
import io.koshi.codec.Range;
import io.koshi.config.Config;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The block {@code doors.swarm}.
 *
 * @param port of the TCP lines, 0 for any free one
 * @param rest port of the REST; none where absent
 * @param key what every request must carry; none where absent or empty
 * @param strict answers a late ack with an error instead of {@code ok}
 * @param lineSeconds how long a line may take from its first byte to its last
 */
record SwarmSettings(
        @Default("\"127.0.0.1\"") String host,
        @Default("8765") @Range(min = 0, max = 65535) int port,
        @Range(min = 0, max = 65535) Optional<Integer> rest,
        Optional<String> key,
        @Default("300") @Range(min = 1, max = 86400) int leaseSeconds,
        @Default("false") boolean strict,
        @Default("30") @Range(min = 1, max = 3600) int lineSeconds) {
    static final String NAME = "swarm";

    private static final Pattern LOOPBACK = Pattern.compile("localhost|127\\.\\d+\\.\\d+\\.\\d+|::1|\\[::1]");

    SwarmSettings {
        key = key.filter(text -> !text.isEmpty());
    }

    /** What the configuration says; empty when this door is not named. */
    static Optional<SwarmSettings> of(Config config, Codec codec) {
        return Optional.ofNullable(config.doors().get(NAME)).map(block -> codec.fromData(block, SwarmSettings.class));
    }

    boolean loopback() {
        return LOOPBACK.matcher(host).matches();
    }
}
