package io.koshi.outbox.internal;

import io.koshi.api.Address;
import io.koshi.api.Channel;
import io.koshi.api.Part;
import io.koshi.channel.internal.ChannelTable;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.config.Config;
import io.koshi.event.Event;
import io.koshi.event.internal.EventBus;
import io.koshi.store.internal.SqliteStore;
import io.koshi.testkit.TestPools;
import io.koshi.testkit.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** An outbox on a real store, codec, bus and channel table; only the pace and the platform are a test's own. */
final class Rig implements AutoCloseable {
    static final Pace QUICK = new Pace(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofMinutes(1), 1000, 8);

    final RecordCodec codec = new RecordCodec();
    final TestPools threads = new TestPools();
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
        TestSettings settings = new TestSettings(data, codec, Map.of("outbox", Map.of("maxAttempts", 4)));
        config = settings.config();
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
}
