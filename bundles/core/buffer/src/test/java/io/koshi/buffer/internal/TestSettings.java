package io.koshi.buffer.internal;

import io.koshi.api.Problem;
import io.koshi.codec.Codec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Settings of a test, read by the real codec. */
final class TestSettings implements Settings {
    private final Path data;
    private final Codec codec;
    private volatile Config config;

    TestSettings(Path data, Codec codec) {
        this.data = data;
        this.codec = codec;
        set(Map.of("batchWindowMs", 0L), 0);
    }

    void set(String policy) {
        config = codec.fromData(Map.of("sessions", Map.of("policy", policy)), Config.class);
    }

    void set(Map<String, Object> buffer, long minFreeMB) {
        config = codec.fromData(Map.of("buffer", buffer, "store", Map.of("minFreeMB", minFreeMB)), Config.class);
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public Path home() {
        return data;
    }

    @Override
    public Path data() {
        return data;
    }

    @Override
    public Origin origin() {
        return new Origin(data.resolve("koshi.yaml"), Instant.EPOCH, false, Optional.empty());
    }

    @Override
    public AutoCloseable onChange(BiConsumer<Config, Config> listener) {
        return () -> {};
    }

    @Override
    public List<String> reload() {
        return List.of();
    }

    @Override
    public Map<String, Object> redacted() {
        return Map.of();
    }

    @Override
    public String putPlugin(Map<String, Object> entry) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<String> removePlugin(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String diff(String name, Optional<Map<String, Object>> entry) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Problem> problems() {
        return List.of();
    }
}
