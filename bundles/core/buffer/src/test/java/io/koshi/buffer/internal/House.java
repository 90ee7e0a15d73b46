package io.koshi.buffer.internal;

import io.koshi.api.Address;
import io.koshi.api.Batch;
import io.koshi.api.Message;
import io.koshi.buffer.Buffer;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.store.internal.SqliteStore;
import io.koshi.testkit.RecordedEvents;
import io.koshi.testkit.TestPools;
import io.koshi.testkit.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A buffer on a real store, that can be stopped and started again. */
final class House implements AutoCloseable {
    final RecordCodec codec = new RecordCodec();
    final TestSettings settings;
    final TestPools pools = new TestPools();
    final RecordedEvents events = new RecordedEvents();
    final SqliteStore store;
    final DurableInbox inbox;

    House(Path data) {
        this(data, new Waiting.Limits(100_000, 64 << 20, 4 << 20));
    }

    House(Path data, Waiting.Limits limits) {
        settings = new TestSettings(
                data, codec, Map.of("buffer", Map.of("batchWindowMs", 0L), "store", Map.of("minFreeMB", 0L)));
        store = new SqliteStore(settings);
        inbox = new DurableInbox(store, settings, events, pools, codec, limits, Duration.ofMillis(5));
    }

    static Message message(String channel, String conversation, String text) {
        return Message.of(Address.of(channel, conversation), text);
    }

    /** A sink that keeps what it is given and marks it done. */
    final class Kept implements Buffer.Sink {
        final List<Batch> batches = new CopyOnWriteArrayList<>();

        @Override
        public void route(List<Batch> given) {
            store.writeNow(tx -> {
                given.forEach(batch -> inbox.done(
                        tx,
                        batch.entries().stream().map(entry -> entry.entry()).toList(),
                        java.util.Optional.of("kept")));
                return null;
            });
            batches.addAll(given);
        }

        List<String> texts() {
            return batches.stream()
                    .flatMap(batch -> batch.entries().stream())
                    .map(entry -> entry.message().text())
                    .toList();
        }
    }

    @Override
    public void close() {
        inbox.close();
        store.close();
        pools.close();
    }
}
