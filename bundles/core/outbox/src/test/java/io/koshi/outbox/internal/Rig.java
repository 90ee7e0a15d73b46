package io.koshi.outbox.internal;

import io.koshi.api.Address;
import io.koshi.api.Channel;
import io.koshi.api.Loop;
import io.koshi.api.Part;
import io.koshi.api.Pools;
import io.koshi.api.Problem;
import io.koshi.channel.internal.ChannelTable;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.Config;
import io.koshi.config.Settings;
import io.koshi.event.Event;
import io.koshi.event.internal.EventBus;
import io.koshi.store.internal.SqliteStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiConsumer;

/** An outbox on a real store, codec, bus and channel table; only the pace and the platform are a test's own. */
final class Rig implements AutoCloseable {
    static final Pace QUICK = new Pace(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofSeconds(10), 1000, 8);

    final RecordCodec codec = new RecordCodec();
    final Threads threads = new Threads();
    final Config config;
    final SqliteStore store;
    final EventBus bus;
    final ChannelTable channels;
    final DurableOutbox outbox;
    final List<Event> events = new CopyOnWriteArrayList<>();

    Rig(Path data, Pace pace) {
        this(data, pace, new ChannelTable());
    }

    Rig(Path data, Pace pace, ChannelTable channels) {
        this.channels = channels;
        config = codec.fromData(Map.of("outbox", Map.of("maxAttempts", 4)), Config.class);
        Settings settings = new Fixed(config, data);
        store = new SqliteStore(settings);
        bus = new EventBus(threads);
        bus.subscribe(List.of("message.*"), -1, events::add);
        outbox = new DurableOutbox(store, codec, channels, bus, settings, threads, pace);
    }

    void offer(Channel channel) {
        channels.add("fake", "fake", channel);
    }

    String say(String conversation, String text) {
        return store.writeNow(tx -> outbox.enqueue(
                tx,
                Address.of("fake", conversation),
                List.of(Part.text(text)),
                Optional.of("in-" + text),
                Optional.empty()));
    }

    /** Plain data of the events of a topic, oldest first. */
    List<Map<?, ?>> told(String topic) {
        return events.stream()
                .filter(e -> e.topic().equals(topic))
                .<Map<?, ?>>map(e -> (Map<?, ?>) codec.toData(e.payload()))
                .toList();
    }

    String stateOf(String id) {
        return store.read(tx -> tx.first("SELECT state FROM reply WHERE id = ?", row -> row.text("state"), id))
                .orElse("none");
    }

    void sql(String sql) {
        store.writeNow(tx -> tx.update(sql));
    }

    @Override
    public void close() throws Exception {
        outbox.close();
        threads.close();
        store.close();
    }

    /** Two plain pools. */
    static final class Threads implements Pools, AutoCloseable {
        private final ExecutorService work = Executors.newCachedThreadPool();
        private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);

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
            throw new UnsupportedOperationException("no loops here");
        }

        @Override
        public void close() {
            timer.shutdownNow();
            work.shutdownNow();
        }
    }

    /** Settings that stay as they are. */
    private record Fixed(Config config, Path data) implements Settings {
        @Override
        public Path home() {
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
    }
}
