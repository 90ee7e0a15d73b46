package io.koshi.testkit;

import io.koshi.api.Problem;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Settings without a file: a test says what holds and in which folder. */
public interface PlainSettings extends Settings {
    @Override
    default Path home() {
        return data();
    }

    @Override
    default Origin origin() {
        return new Origin(home().resolve("koshi.yaml"), Instant.EPOCH, false, Optional.empty());
    }

    @Override
    default AutoCloseable onChange(BiConsumer<Config, Config> listener) {
        return () -> {};
    }

    @Override
    default List<String> reload() {
        return List.of();
    }

    @Override
    default Map<String, Object> redacted() {
        return Map.of();
    }

    @Override
    default String putPlugin(Map<String, Object> entry) {
        throw new UnsupportedOperationException("there is no file");
    }

    @Override
    default Optional<String> removePlugin(String name) {
        throw new UnsupportedOperationException("there is no file");
    }

    @Override
    default String diff(String name, Optional<Map<String, Object>> entry) {
        throw new UnsupportedOperationException("there is no file");
    }

    @Override
    default List<Problem> problems() {
        return List.of();
    }
}
