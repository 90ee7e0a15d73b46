package io.koshi.rest.internal;

import io.koshi.api.Problem;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The default configuration in a folder; the file itself is never touched. */
record FolderSettings(Path home) implements Settings {
    @Override
    public Config config() {
        return new RecordCodec().fromData(Map.of(), Config.class);
    }

    @Override
    public Path data() {
        return home;
    }

    @Override
    public Origin origin() {
        return new Origin(home.resolve("koshi.yaml"), Instant.EPOCH, false, Optional.empty());
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
