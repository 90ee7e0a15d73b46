package io.koshi.store.internal;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Settings of a test: a directory and how much of the disk must stay free. */
final class FixedSettings implements Settings {
    private final Path data;
    volatile int minFreeMB;

    FixedSettings(Path data) {
        this.data = data;
    }

    @Override
    public Config config() {
        return new Config(
                "koshi",
                Config.LogLevel.INFO,
                null,
                data.toString(),
                null,
                Map.of(),
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                Config.Unmatched.FORWARD,
                null,
                null,
                null,
                null,
                new Config.StoreBlock(minFreeMB),
                null,
                null,
                Map.of(),
                null,
                null,
                List.of(),
                Map.of(),
                Optional.empty());
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
