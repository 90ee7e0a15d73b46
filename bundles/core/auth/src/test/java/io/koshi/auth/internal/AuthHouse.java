package io.koshi.auth.internal;

import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.api.Problem;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.store.internal.SqliteStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;

/** A real store in a home of the test's, settings it writes, threads that end with it and a clock it moves. */
final class AuthHouse implements Settings, Pools, InstantSource, AutoCloseable {
    private final ExecutorService work = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Path home;
    private final SqliteStore store;
    private volatile Config config;
    private volatile Instant now = Instant.parse("2025-01-31T12:00:00Z");

    AuthHouse(Path home) {
        this.home = home;
        configure(Map.of());
        this.store = new SqliteStore(this);
    }

    void configure(Map<String, Object> yaml) {
        config = new RecordCodec().fromData(yaml, Config.class);
    }

    /** The auth room, as after a start of the hub. */
    TokenAuth open() {
        return new TokenAuth(this, store, this, this, "koshi");
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public void close() {
        work.shutdownNow();
        timer.shutdownNow();
        store.close();
    }

    @Override
    public ExecutorService work() {
        return work;
    }

    @Override
    public ScheduledExecutorService timer() {
        return timer;
    }

    @Override
    public Loop loop(String name, Loop.Body body) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public Path home() {
        return home;
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
