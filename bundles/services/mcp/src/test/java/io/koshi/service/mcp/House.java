package io.koshi.service.mcp;

import io.koshi.api.Problem;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.store.internal.SqliteStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** A real store in a folder, and settings that a test writes. */
final class House implements Settings, AutoCloseable {
    final TestPools pools = new TestPools();
    final RecordCodec codec = new RecordCodec();
    final SqliteStore sqlite;
    private final Path folder;
    private volatile Config config;

    House(Path folder) {
        this.folder = folder;
        configure(Map.of());
        this.sqlite = new SqliteStore(this);
    }

    @Override
    public void close() {
        pools.close();
        sqlite.close();
    }

    void configure(Map<String, Object> yaml) {
        config = codec.fromData(yaml, Config.class);
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public Path home() {
        return folder;
    }

    @Override
    public Path data() {
        return folder;
    }

    @Override
    public Origin origin() {
        return new Origin(folder.resolve("koshi.yaml"), Instant.EPOCH, false, Optional.empty());
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
