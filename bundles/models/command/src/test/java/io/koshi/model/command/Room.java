package io.koshi.model.command;

import io.koshi.api.Problem;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.pool.internal.Workshop;
import io.koshi.store.internal.SqliteStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The real neighbours of the model in a folder: store, threads and programs. */
final class Room implements Settings, AutoCloseable {
    final RecordCodec codec = new RecordCodec();
    final SqliteStore store;
    final Workshop workshop;
    private final Path folder;

    Room(Path folder) {
        this.folder = folder;
        this.store = new SqliteStore(this);
        this.workshop = new Workshop(folder, System.getenv());
    }

    @Override
    public Config config() {
        return codec.fromData(Map.of(), Config.class);
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
        return new Origin(folder, Instant.EPOCH, false, Optional.empty());
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
        return "";
    }

    @Override
    public Optional<String> removePlugin(String name) {
        return Optional.empty();
    }

    @Override
    public String diff(String name, Optional<Map<String, Object>> entry) {
        return "";
    }

    @Override
    public List<Problem> problems() {
        return List.of();
    }

    @Override
    public void close() {
        workshop.close();
        store.close();
    }
}
