package io.koshi.cron.internal;

import io.koshi.api.Problem;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import io.koshi.store.internal.SqliteStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A real store in a folder, settings that a test writes and events it can read. */
final class Room implements Settings, Events {
    final RecordCodec codec = new RecordCodec();
    final SqliteStore sqlite;
    final List<Event> events = new CopyOnWriteArrayList<>();
    private final List<BiConsumer<Config, Config>> changes = new CopyOnWriteArrayList<>();
    private final Map<Consumer<Event>, List<String>> listeners = new ConcurrentHashMap<>();
    private final Path folder;
    private final Executor work;
    private volatile Config config;

    Room(Path folder, Executor work) {
        this.work = work;
        this.folder = folder;
        configure(Map.of());
        this.sqlite = new SqliteStore(this);
    }

    void configure(Map<String, Object> yaml) {
        Config old = config;
        config = codec.fromData(yaml, Config.class);
        changes.forEach(change -> change.accept(old, config));
    }

    /** Returns when everything that was to follow a commit has followed. */
    void quiet() {
        CountDownLatch settled = new CountDownLatch(1);
        sqlite.writeNow(tx -> {
            tx.afterCommit(settled::countDown);
            return settled;
        });
        try {
            if (!settled.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the store tells of no commits");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    List<String> topics() {
        quiet();
        return events.stream().map(Event::topic).toList();
    }

    @SuppressWarnings("unchecked")
    Map<String, Object> newest(String topic) {
        quiet();
        Event found = events.stream()
                .filter(e -> e.topic().equals(topic))
                .reduce((a, b) -> b)
                .orElseThrow();
        return (Map<String, Object>) codec.toData(found.payload());
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
        changes.add(listener);
        return () -> changes.remove(listener);
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

    @Override
    public long publish(String source, String topic, Object payload) {
        Event event = new Event(events.size() + 1L, source, topic, payload);
        events.add(event);
        listeners.forEach((listener, topics) -> {
            if (topics.contains(topic)) {
                work.execute(() -> listener.accept(event));
            }
        });
        return events.size();
    }

    @Override
    public Subscription subscribe(List<String> topics, long since, Consumer<Event> listener) {
        listeners.put(listener, topics);
        return new Subscription() {
            @Override
            public long startedAt() {
                return 0;
            }

            @Override
            public long replayed() {
                return 0;
            }

            @Override
            public void close() {
                listeners.remove(listener);
            }
        };
    }

    @Override
    public String epoch() {
        return "test";
    }

    @Override
    public long seq() {
        return events.size();
    }
}
