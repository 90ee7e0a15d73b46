package io.koshi.testkit.room;

import io.koshi.codec.internal.RecordCodec;
import io.koshi.event.Event;
import io.koshi.event.Events;
import io.koshi.event.Subscription;
import io.koshi.store.internal.SqliteStore;
import io.koshi.testkit.RecordedEvents;
import io.koshi.testkit.TestPools;
import io.koshi.testkit.TestSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What a room stands on: a real store in a folder, the real codec, threads, settings that a test writes and events that
 * it can read. Made anew on the same folder, it is a restart. Thread-safe.
 */
public class Room extends TestSettings implements Events, AutoCloseable {
    public final RecordCodec codec;
    public final TestPools pools = new TestPools();
    public final SqliteStore sqlite;
    /** All that was published, oldest first. */
    public final List<Event> events;

    private final RecordedEvents bus;

    /** Begins with the default configuration; makes the folder where it is not there. */
    public Room(Path folder) {
        this(made(folder), new RecordCodec());
    }

    private static Path made(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Room(Path folder, RecordCodec codec) {
        super(folder, codec);
        this.codec = codec;
        this.bus = new RecordedEvents(pools.work());
        this.events = bus.events;
        this.sqlite = new SqliteStore(this);
    }

    /** Returns when everything that was to follow a commit has followed. */
    public final void quiet() {
        CountDownLatch settled = new CountDownLatch(1);
        sqlite.writeNow(tx -> {
            tx.afterCommit(settled::countDown);
            return settled;
        });
        try {
            if (!settled.await(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the store tells of no commits");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Topics of all events so far, those of earlier commits among them. */
    public final List<String> topics() {
        quiet();
        return bus.topics();
    }

    /** Plain data of the newest event of a topic; fails when there is none. */
    @SuppressWarnings("unchecked")
    public final Map<String, Object> newest(String topic) {
        quiet();
        Event found = events.stream()
                .filter(e -> e.topic().equals(topic))
                .reduce((a, b) -> b)
                .orElseThrow(() -> new AssertionError("nothing was said of " + topic));
        return (Map<String, Object>) codec.toData(found.payload());
    }

    @Override
    public final long publish(String source, String topic, Object payload) {
        return bus.publish(source, topic, payload);
    }

    @Override
    public final Subscription subscribe(List<String> topics, long since, Consumer<Event> listener) {
        return bus.subscribe(topics, since, listener);
    }

    @Override
    public final String epoch() {
        return bus.epoch();
    }

    @Override
    public final long seq() {
        return bus.seq();
    }

    @Override
    public void close() {
        pools.close();
        sqlite.close();
    }
}
