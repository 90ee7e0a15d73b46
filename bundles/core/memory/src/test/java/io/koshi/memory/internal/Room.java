package io.koshi.memory.internal;

import io.koshi.api.Http;
import io.koshi.api.Loop;
import io.koshi.api.Pools;
import io.koshi.api.Problem;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import io.koshi.store.Store;
import io.koshi.store.StoreStats;
import io.koshi.store.TextIndex;
import io.koshi.store.internal.SqliteStore;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A real store in a folder, settings that a test writes and events it can read. */
final class Room implements Settings, Events, Pools, Http, AutoCloseable {
    final RecordCodec codec = new RecordCodec();
    final SqliteStore sqlite;
    final List<Event> events = new CopyOnWriteArrayList<>();
    private final Path folder;
    private final ExecutorService work = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile Config config;

    Room(Path folder) {
        this.folder = folder;
        folder.toFile().mkdirs();
        configure(Map.of());
        this.sqlite = new SqliteStore(this);
    }

    Recollection recollection() {
        return recollection(sqlite);
    }

    Recollection recollection(Store store) {
        return new Recollection(store, this, this, codec, this, this);
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
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        return client.send(request, body);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        return client.sendAsync(request, body);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        work.shutdownNow();
        sqlite.close();
    }

    void configure(Map<String, Object> yaml) {
        config = codec.fromData(yaml, Config.class);
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

    /** The same store as it is while the disk is nearly full. */
    Store withDiskShort() {
        return new Store() {
            @Override
            public <T> CompletableFuture<T> write(Work<T> work) {
                return sqlite.write(work);
            }

            @Override
            public <T> T writeNow(Work<T> work) {
                return sqlite.writeNow(work);
            }

            @Override
            public <T> T read(Work<T> work) {
                return sqlite.read(work);
            }

            @Override
            public void migrate(String room, List<String> steps) {
                sqlite.migrate(room, steps);
            }

            @Override
            public TextIndex textIndex(String name) {
                return sqlite.textIndex(name);
            }

            @Override
            public boolean diskShort() {
                return true;
            }

            @Override
            public StoreStats stats() {
                return sqlite.stats();
            }
        };
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

    @Override
    public long publish(String source, String topic, Object payload) {
        events.add(new Event(events.size() + 1L, source, topic, payload));
        return events.size();
    }

    @Override
    public Subscription subscribe(List<String> topics, long since, Consumer<Event> listener) {
        throw new UnsupportedOperationException();
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
