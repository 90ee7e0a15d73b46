package io.koshi.frame.internal;

import io.koshi.codec.Codec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** A configuration that names the longest frame and never changes. */
final class TestSettings implements Settings {
    private final Config config;

    TestSettings(Codec codec, int maxFrame) {
        this.config = codec.fromData(Map.of("gateway", Map.of("maxFrame", (long) maxFrame)), Config.class);
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public Path home() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path data() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Origin origin() {
        throw new UnsupportedOperationException();
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
    public List<io.koshi.api.Problem> problems() {
        return List.of();
    }
}
