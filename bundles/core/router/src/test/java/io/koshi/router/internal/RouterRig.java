package io.koshi.router.internal;

import io.koshi.api.Address;
import io.koshi.api.ErrorCode;
import io.koshi.api.Part;
import io.koshi.buffer.Buffer;
import io.koshi.codec.internal.RecordCodec;
import io.koshi.event.Event;
import io.koshi.event.internal.EventBus;
import io.koshi.plugin.Plugins;
import io.koshi.session.Sessions;
import io.koshi.store.Tx;
import io.koshi.store.internal.SqliteStore;
import io.koshi.testkit.TestPools;
import io.koshi.testkit.TestSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** A router on a real store, codec and bus, with a buffer that remembers what it is told. */
final class RouterRig implements AutoCloseable {
    final RecordCodec codec = new RecordCodec();
    final TestPools threads = new TestPools();
    final ActionTable actions = new ActionTable();
    final Planting plugins = new Planting();
    final RememberingBuffer buffer = new RememberingBuffer();
    final List<Event> events = new CopyOnWriteArrayList<>();
    final TestSettings settings;
    final SqliteStore store;
    final LiveRules live;
    final Router router;

    RouterRig(Path data, List<Object> routes) {
        settings = new TestSettings(data, codec, Map.of("routes", routes));
        store = new SqliteStore(settings);
        store.migrate("test", List.of("CREATE TABLE done_by_actions (batch TEXT)"));
        EventBus bus = new EventBus(threads);
        bus.subscribe(List.of("message.*"), -1, events::add);
        live = new LiveRules(settings);
        router = new Router(buffer, store, bus, new OwnSessions(), threads, live, actions, plugins);
    }

    void change(List<Object> routes) {
        settings.configure(Map.of("routes", routes));
    }

    List<Map<?, ?>> told(String topic) {
        return events.stream()
                .filter(e -> e.topic().equals(topic))
                .<Map<?, ?>>map(e -> (Map<?, ?>) codec.toData(e.payload()))
                .toList();
    }

    List<String> inTable() {
        return store.read(tx -> tx.query("SELECT batch FROM done_by_actions", row -> row.text("batch")));
    }

    @Override
    public void close() throws Exception {
        router.close();
        threads.close();
        store.close();
    }

    /** Writes down what the router says of entries. */
    static final class RememberingBuffer implements Buffer {
        final List<String> calls = new CopyOnWriteArrayList<>();
        volatile Sink sink;

        @Override
        public AutoCloseable open(Sink opened) {
            sink = opened;
            return () -> sink = null;
        }

        @Override
        public void routed(Tx tx, List<Long> entries, String rule) {
            calls.add("routed " + entries + " " + rule);
        }

        @Override
        public void done(Tx tx, List<Long> entries, Optional<String> rule) {
            calls.add("done " + entries + " " + rule.orElse(""));
        }

        @Override
        public void doneIds(Tx tx, List<String> ids) {
            calls.add("doneIds " + ids);
        }

        @Override
        public void dropped(Tx tx, List<Long> entries, String rule, String reason) {
            calls.add("dropped " + entries + " " + rule + ": " + reason);
        }

        @Override
        public void dead(Tx tx, List<String> ids, String stage, ErrorCode code, String message) {
            calls.add("dead " + ids);
        }
    }

    /** Plugins that are there when it is said so. */
    static final class Planting implements Plugins {
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        void settle() {
            done.complete(null);
        }

        @Override
        public List<Plugin> list() {
            return List.of();
        }

        @Override
        public boolean settled() {
            return done.isDone();
        }

        @Override
        public void onSettled(Runnable then) {
            done.thenRun(then);
        }
    }

    /** Every conversation is a session of its own. */
    private static final class OwnSessions implements Sessions {
        @Override
        public String keyOf(Address from, String sender) {
            return from.toString();
        }

        @Override
        public String append(
                Tx tx, String sessionKey, Role role, String content, List<Part> parts, Optional<String> runId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String open(Tx tx, Address from, String sender) {
            return keyOf(from, sender);
        }

        @Override
        public List<Line> history(String sessionKey, int newest) {
            return List.of();
        }

        @Override
        public Past past(String sessionKey, int newest) {
            return new Past(Optional.empty(), Optional.empty(), List.of());
        }

        @Override
        public void sumUp(Tx tx, String sessionKey, String lastLine, String summary) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void narrate(Tx tx, String sessionKey, String sentence) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void clear(Tx tx, String sessionKey) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Found> search(String query, int limit) {
            return List.of();
        }
    }
}
